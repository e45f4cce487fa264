import { z } from 'zod'
import { WAREHOUSE_KINDS } from '#lib/warehouse/facts.ts'
import { defineEndpoint } from './endpoint.ts'
import { CONSENT_STATES } from './lists.ts'
import { AppPlaces, PausedApp, problem, Time } from './shapes.ts'

export const PlaysGap = z
  .strictObject({
    state: z
      .enum(['none', 'growing', 'not known yet', 'missing'])
      .describe('growing: nothing is read; not known yet: the next poll shows; missing: plays in between may be lost'),
    from: Time,
    to: Time.nullable(),
  })
  .meta({ id: 'PlaysGap', description: 'What a pause may have cost of recently played, of which Spotify keeps 50' })
export type PlaysGap = z.infer<typeof PlaysGap>

export const ConnectionsResponse = z
  .strictObject({
    spotify: z.strictObject({
      state: z.enum(CONSENT_STATES),
      problem: z.string().nullable(),
      account: z.string(),
      app: z.string().describe('Client id'),
      isOwnApp: z.boolean().describe('A listener brought it; else it belongs to the instance'),
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
        instanceApp: z.string().describe('Client id of the app of the instance'),
        sharable: z
          .array(z.strictObject({ clientId: z.string(), isOwn: z.boolean() }))
          .describe('Apps that another one may share its developer account with'),
      })
      .describe('What a Spotify app of your own needs'),
    warehouses: z.array(
      z.strictObject({
        kind: z.enum(WAREHOUSE_KINDS),
        state: z.string(),
        ...problem,
        detail: z.string(),
        bytes: z.number().nullable(),
        waitingReads: z.int(),
        lastLoadedAt: Time.nullable(),
      }),
    ),
  })
  .meta({ id: 'ConnectionsResponse' })
export type ConnectionsResponse = z.infer<typeof ConnectionsResponse>

export const getConnections = defineEndpoint({
  method: 'GET',
  path: '/api/connections',
  summary: 'Spotify, its app, and the warehouses',
  access: 'listener',
  response: ConnectionsResponse,
})

export const disconnectSpotify = defineEndpoint({
  method: 'POST',
  path: '/api/disconnect',
  summary: 'Disconnect Spotify; the data stays',
  access: 'listener',
  response: ConnectionsResponse,
})
