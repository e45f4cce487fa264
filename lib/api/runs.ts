import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { LOG_LEVELS, PHASES, RUN_KINDS, RUN_STATES, STREAM_RUN_STATES, TRIGGERS } from './lists.ts'
import { next, PageQuery, problem, Time } from './shapes.ts'

const count = z.int().nonnegative()

export const RunTotals = z
  .strictObject({
    new: count,
    changed: count,
    unchanged: count,
    removed: count,
    rejected: count.describe('Items that can’t be stored'),
    duplicates: count.describe('Repeated items of the same list'),
    withheld: count.describe('Items that Spotify listed without their content; existing rows stay'),
    requests: count,
  })
  .meta({ id: 'RunTotals' })
export type RunTotals = z.infer<typeof RunTotals>

/** When it started and ended, and until when it waits. */
const moments = {
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
  waitingUntil: Time.nullable().describe('When it resumes by itself'),
}

export const Run = z
  .strictObject({
    id: z.string(),
    listener: z.string().describe('Listener id; admins can look up the name in /api/admin/listeners'),
    kind: z.enum(RUN_KINDS),
    trigger: z.enum(TRIGGERS),
    by: z.string().nullable().describe('Who started it; null for sign-in and schedule'),
    rerunOf: z.string().nullable().describe('The run that this one re-runs'),
    state: z.enum(RUN_STATES),
    queuedAt: Time,
    ...moments,
    totals: RunTotals,
    ...problem,
    failed: z
      .array(z.string())
      .describe(
        'Streams that failed or are incomplete and that no later run has read; also set while the run is in progress',
      ),
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

export const StreamRun = z
  .strictObject({
    stream: z.string(),
    state: z.enum(STREAM_RUN_STATES),
    attempt: z.int(),
    whole: z
      .boolean()
      .describe('True for a full re-sync, which reads everything even if the first page hasn’t changed'),
    pages: count,
    items: count,
    new: count,
    changed: count,
    unchanged: count,
    removed: count,
    rejected: z.record(z.string(), z.number()).describe('Items that can’t be stored, by reason'),
    duplicates: count.describe('Repeated items of the same list; they share one row'),
    withheld: count.describe('Items that Spotify listed without their content; existing rows stay'),
    bytes: count,
    requests: count,
    ...moments,
    recoveredAt: Time.nullable().describe('When another run read it successfully before this run ended'),
    ...problem,
  })
  .meta({ id: 'StreamRun' })
export type StreamRun = z.infer<typeof StreamRun>

export const OrderedRun = Run.extend({
  leftOut: z.array(z.string()).describe('Titles of streams that were read within the last 10 minutes'),
  underWay: z
    .array(z.strictObject({ title: z.string(), run: z.string(), waitingUntil: Time.nullable() }))
    .describe('Streams that an earlier run is still reading or waiting for'),
}).meta({ id: 'OrderedRun' })
export type OrderedRun = z.infer<typeof OrderedRun>

export const RunsResponse = z.strictObject({ runs: z.array(Run), next }).meta({ id: 'RunsResponse' })
export type RunsResponse = z.infer<typeof RunsResponse>

export const RunDetailResponse = Run.extend({ streams: z.array(StreamRun) }).meta({ id: 'RunDetailResponse' })
export type RunDetailResponse = z.infer<typeof RunDetailResponse>

export const RunsProgressResponse = z
  .strictObject({
    progress: z
      .record(z.string(), z.strictObject({ done: count, total: count }))
      .describe('Number of streams, by run id'),
  })
  .meta({ id: 'RunsProgressResponse' })
export type RunsProgressResponse = z.infer<typeof RunsProgressResponse>

export const RunProgressResponse = z
  .strictObject({
    streams: z.record(
      z.string(),
      z.strictObject({
        title: z.string(),
        state: z.enum(STREAM_RUN_STATES),
        phase: z.enum(PHASES),
        percent: count.nullable().describe('100 only at its end; null if it isn’t known how much there is'),
        expectedItems: count.nullable(),
        landedItems: count,
        pastDays: z
          .strictObject({ done: count, total: count })
          .nullable()
          .describe('Daily lists of the past, which only the demo’s Spotify has'),
      }),
    ),
    percent: count.describe('Average of the streams; an ended one counts in full'),
    secondsLeft: count.nullable().describe('At the pace so far; null if that can’t be told'),
    lines: z
      .array(z.strictObject({ stream: z.string(), at: Time, level: z.enum(LOG_LEVELS), message: z.string() }))
      .describe('The latest 200 log lines'),
  })
  .meta({ id: 'RunProgressResponse' })
export type RunProgressResponse = z.infer<typeof RunProgressResponse>

/** Which streams a run is for. */
export const RunChoice = z.object({
  streams: z.array(z.string().max(100)).min(1).max(50).optional().describe('Stream names; all streams if omitted'),
  whole: z.boolean().optional().describe('Full re-sync; requires exactly one stream'),
})
export type RunChoice = z.infer<typeof RunChoice>

export const getRuns = defineEndpoint({
  method: 'GET',
  path: '/api/runs',
  summary: 'Your runs, newest first',
  access: { token: 'read runs' },
  query: PageQuery,
  response: RunsResponse,
})

export const startRun = defineEndpoint({
  method: 'POST',
  path: '/api/runs',
  summary: 'Sync now',
  access: { token: 'start runs' },
  body: RunChoice,
  limit: 'orders',
  response: OrderedRun,
  statuses: [202],
  errors: ['unknown-stream', 'one-stream', 'already-running', 'no-consent', 'read-lately', 'runs-used-up'],
})

export const getRun = defineEndpoint({
  method: 'GET',
  path: '/api/runs/[id]',
  summary: 'A run with its streams',
  access: { token: 'read runs' },
  visibleTo: 'owner and admins',
  response: RunDetailResponse,
  errors: ['unknown-run'],
})

export const getRunProgress = defineEndpoint({
  method: 'GET',
  path: '/api/runs/[id]/progress',
  summary: 'Progress of each stream, and the log',
  access: { token: 'read runs' },
  visibleTo: 'owner and admins',
  response: RunProgressResponse,
  errors: ['unknown-run'],
})

export const getRunsProgress = defineEndpoint({
  method: 'GET',
  path: '/api/runs/progress',
  summary: 'How many streams of each run have finished',
  access: { token: 'read runs' },
  visibleTo: 'owner and admins',
  query: z.object({
    ids: z
      .string()
      .describe('Comma-separated run ids, at most 50')
      .transform((ids) => ids.split(',').filter(Boolean))
      .pipe(z.array(z.string()).max(50)),
  }),
  response: RunsProgressResponse,
})

export const rerunRun = defineEndpoint({
  method: 'POST',
  path: '/api/runs/[id]/rerun',
  summary: 'Re-run all or some streams of a run, as a new run; a load is repeated',
  access: { token: 'start runs' },
  visibleTo: 'owner and admins',
  body: RunChoice,
  limit: 'orders',
  response: OrderedRun,
  statuses: [202],
  errors: [
    'unknown-run',
    'unknown-stream',
    'one-stream',
    'already-running',
    'no-consent',
    'suspended',
    'not-connected',
    'no-copy',
    'read-lately',
    'runs-used-up',
  ],
})

export const cancelRun = defineEndpoint({
  method: 'POST',
  path: '/api/runs/[id]/cancel',
  summary: 'Cancel a run; does nothing if it has ended',
  access: { token: 'start runs' },
  visibleTo: 'owner and admins',
  limit: 'orders',
  response: Run,
  statuses: [202],
  errors: ['unknown-run'],
})
