import { z } from 'zod'
import { CountingResponse } from './counting.ts'
import { defineEndpoint } from './endpoint.ts'
import { CONSENT_STATES, RUN_STATES, SNOWFLAKE_STATES } from './lists.ts'
import { PausedApp, problem, RetryAt, Time } from './shapes.ts'

export const MeResponse = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    image: z.string().nullable(),
    isAdmin: z.boolean(),
    demo: z.boolean(),
    zone: z.string().nullable().describe('IANA time zone; null until the browser sends it'),
    weekStart: z.int().describe('1 = Monday … 7 = Sunday'),
    dataAsOf: Time.nullable(),
    coverage: z
      .strictObject({
        since: z.iso.date().nullable().describe('The first day with data'),
        incomplete: z
          .array(z.strictObject({ from: z.iso.date(), to: z.iso.date() }))
          .describe('Days that may have missing plays, oldest first; at most 100 ranges'),
      })
      .nullable()
      .describe('Null while the warehouse can’t be queried'),
    counting: CountingResponse,
    hasCharts: z.boolean().describe('Whether there are global charts, imported or from Spotify'),
    consent: z.strictObject({
      state: z.enum(CONSENT_STATES),
      endsAt: Time.nullable(),
      problem: z.string().nullable(),
      retryAt: RetryAt,
    }),
    lastRun: z
      .strictObject({ id: z.string(), state: z.enum(RUN_STATES), endedAt: Time.nullable() })
      .nullable()
      .describe('The newest sync in progress, or the last one'),
    openRuns: z
      .array(
        z.strictObject({ id: z.string(), state: z.enum(RUN_STATES), queuedAt: Time, waitingUntil: Time.nullable() }),
      )
      .describe('Syncs that are queued, running or waiting, newest first; at most 10'),
    nextRunAt: Time.nullable(),
    pausedApp: PausedApp.nullable().describe('Your paused Spotify app; for admins also the instance’s'),
    serving: z.enum(['embedded', 'connected']).describe('Which warehouse the charts query'),
    snowflake: z
      .strictObject({ state: z.enum(SNOWFLAKE_STATES), ...problem, tokenEndsAt: z.string().nullable() })
      .nullable(),
    troubles: z
      .array(
        z.strictObject({
          title: z.string(),
          problem: z.string(),
          remedy: z.string().nullable(),
          since: Time,
          path: z.string().describe('The page with details'),
        }),
      )
      .describe('Open alerts other than consent, app and Snowflake, oldest first'),
    telling: z
      .strictObject({
        isTold: z.boolean().describe('True if a channel is notified of failures'),
        failing: z.array(z.strictObject({ label: z.string(), problem: z.string() })),
      })
      .describe('Notification channels whose last message was not delivered'),
  })
  .meta({ id: 'MeResponse' })
export type MeResponse = z.infer<typeof MeResponse>

export const getMe = defineEndpoint({
  method: 'GET',
  path: '/api/me',
  summary: 'The signed-in listener, and what every page shows',
  access: 'listener',
  response: MeResponse,
})
