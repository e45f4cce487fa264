import { z } from 'zod'
import { WAREHOUSE_KINDS } from '#lib/warehouse/facts.ts'
import { defineEndpoint } from './endpoint.ts'
import { CONSENT_STATES, LAKE_STATES, PLAYS_GAP_STATES, WAREHOUSE_STATES } from './lists.ts'
import { AppPlaces, PausedApp, problem, RetryAt, Time } from './shapes.ts'

export const PlaysGap = z
  .strictObject({
    state: z
      .enum(PLAYS_GAP_STATES)
      .describe(
        'growing: nothing is being read; not known yet: the next poll will show; missing: plays in between may be lost',
      ),
    from: Time,
    to: Time.nullable(),
  })
  .meta({
    id: 'PlaysGap',
    description: 'Plays that may have been lost during a pause, because Spotify keeps only the last 50',
  })
export type PlaysGap = z.infer<typeof PlaysGap>

export const ConnectionsResponse = z
  .strictObject({
    spotify: z.strictObject({
      state: z.enum(CONSENT_STATES),
      problem: z.string().nullable(),
      retryAt: RetryAt,
      account: z.string(),
      app: z.string().describe('Client id'),
      isOwnApp: z.boolean().describe('True if a listener added it; otherwise it’s the instance’s app'),
      places: AppPlaces,
      paused: PausedApp.nullable(),
      gap: PlaysGap.nullable(),
      authorizedAt: Time.nullable(),
      endsAt: Time.nullable(),
      scopes: z.array(z.strictObject({ scope: z.string(), granted: z.boolean(), meaning: z.string() })),
      capabilities: z.array(
        z.strictObject({ name: z.string(), available: z.boolean().nullable(), detail: z.string() }),
      ),
    }),
    ownApp: z
      .strictObject({
        redirectUri: z.string(),
        instanceApp: z.string().describe('Client id of the instance’s app'),
        sharable: z
          .array(z.strictObject({ clientId: z.string(), isOwn: z.boolean() }))
          .describe('Apps whose developer account a new app may share'),
      })
      .describe('What you need to add your own Spotify app'),
    warehouses: z.array(
      z.strictObject({
        kind: z.enum(WAREHOUSE_KINDS),
        state: z.enum(WAREHOUSE_STATES),
        ...problem,
        detail: z.string(),
        bytes: z.number().nullable(),
        waitingReads: z.int(),
        lastLoadedAt: Time.nullable(),
      }),
    ),
    lake: z
      .strictObject({
        state: z.enum(LAKE_STATES),
        ...problem,
        bucket: z.string().nullable(),
        publishedAt: Time.nullable(),
      })
      .nullable()
      .describe('Your tables as files; null where no built-in warehouse is kept'),
  })
  .meta({ id: 'ConnectionsResponse' })
export type ConnectionsResponse = z.infer<typeof ConnectionsResponse>

export const getConnections = defineEndpoint({
  method: 'GET',
  path: '/api/connections',
  summary: 'Your Spotify connection, its app, and your warehouses',
  access: 'listener',
  response: ConnectionsResponse,
})

export const rebuildWarehouse = defineEndpoint({
  method: 'POST',
  path: '/api/connections/rebuild',
  summary: 'Rebuild a damaged built-in warehouse from everything synced so far; the damaged file is kept next to it',
  access: 'listener',
  limit: 'orders',
  response: ConnectionsResponse,
  errors: ['no-copy', 'not-damaged', 'load-under-way'],
})

export const disconnectSpotify = defineEndpoint({
  method: 'POST',
  path: '/api/disconnect',
  summary: 'Disconnect Spotify; your data stays',
  access: 'listener',
  response: ConnectionsResponse,
})
