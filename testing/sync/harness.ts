import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { connectListener, createListener } from '#lib/accounts/connect.ts'
import type { Row } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import type { Tokens } from '#lib/spotify/accounts.ts'
import type { Profile } from '#lib/spotify/profile.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { streams } from '#lib/streams/index.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import type { Orders } from '#simulator/admin.ts'
import { type RemoteSimulator, remoteSimulator } from '#simulator/remote.ts'
import { startSimulator } from '#simulator/simulator.ts'
import { migratedDatabase } from '#testing/postgres/database.ts'

/**
 * What the pipeline stands on, all of it real: a database, a data folder, a simulated Spotify over HTTP. Its clock
 * stands still, so that what Spotify answers and what the truth says are about the same instant.
 */
export interface Bed {
  folder: string
  /** The instant of the simulation. */
  at(): Date
  moveTo(instant: Date): Promise<void>
  order(orders: Orders): Promise<void>
  truth: RemoteSimulator['truth']
  stats: RemoteSimulator['stats']
  /** Signs a listener in as the browser would; their first run is written and waits. */
  signIn(listener: string, options?: { scopes?: string[] }): Promise<SignedIn>
  /** Tokens as if the listener had just agreed. @param client id of another Spotify app than the first one */
  grant(listener: string, client?: string): Promise<Tokens>
  /** Rows of a table in schema raw of a listener's warehouse; none when there is no such table. */
  tableRows(userId: string, table: string, columns?: string): Promise<Row[]>
  stop(): Promise<void>
}

export interface SignedIn {
  userId: string
  /** The run that the consent started, if it started one. */
  runId: string
}

const Granted = z.object({
  grant: z.object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.string(),
    scope: z.string(),
    expires_in: z.number(),
  }),
})

const NOON = new Date('2026-10-14T12:00:00.000Z')
const APP = { clientId: 'a'.repeat(32), clientSecret: 'b'.repeat(32) }
const MOST_ROWS = 100_000

/** Every scope that some stream needs. */
export const ALL_SCOPES = [...new Set([...streams.flatMap(({ scope }) => scope ?? []), 'playlist-read-collaborative'])]

/** Lays the bed; the settings are made before anything reads them. @param settings beside those that every bed has */
export async function makeBed(
  window?: { seconds: number; requests: number },
  settings: Record<string, string> = {},
): Promise<Bed> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-pipeline-'))
  const database = await migratedDatabase()
  const simulator = await startSimulator({
    port: 0,
    seed: 1,
    ...APP,
    now: () => NOON,
    admin: true,
    ...(window ? { rateWindow: window } : {}),
  })
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    TRACKLAKE_MODE: 'real',
    TRACKLAKE_KEY: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    SPOTIFY_CLIENT_ID: APP.clientId,
    SPOTIFY_CLIENT_SECRET: APP.clientSecret,
    SPOTIFY_ACCOUNTS_URL: simulator.url,
    SPOTIFY_API_URL: `${simulator.url}/v1`,
    ENGINE_BACKOFF_MS: '1',
    ...(window ? { REQUEST_WINDOW_MS: String(window.seconds * 1000) } : {}),
    ...settings,
  })
  const spotify = remoteSimulator(simulator.url)
  let at = NOON
  const opened = new Set<string>()

  return {
    folder,
    at: () => at,
    async moveTo(instant) {
      at = instant
      await spotify.order({ clock: { set: instant.toISOString() } })
    },
    order: async (orders) => void (await spotify.order(orders)),
    truth: spotify.truth,
    stats: spotify.stats,
    async signIn(listener, { scopes = ALL_SCOPES } = {}) {
      const { grant } = Granted.parse(await spotify.order({ grant: { listener, scopes } }))
      return connect(listener, grant)
    },
    async grant(listener, client) {
      const asked = { listener, scopes: ALL_SCOPES, ...(client ? { client } : {}) }
      return Granted.parse(await spotify.order({ grant: asked })).grant
    },
    async tableRows(userId, table, columns = '*') {
      opened.add(duckdbFile(userId))
      const warehouse = await openDuckdb(duckdbFile(userId))
      if ((await warehouse.existing('raw', [table])).length === 0) return []
      return warehouse.query(`select ${columns} from ${warehouse.table('raw', table)}`, [], { limit: MOST_ROWS })
    },
    async stop() {
      for (const file of opened) await (await openDuckdb(file)).close()
      await db().$disconnect()
      await simulator.stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What the sign-in does once Spotify has given tokens: the listener of the account, a new one the first time. */
async function connect(listener: string, tokens: Tokens): Promise<SignedIn> {
  const profile: Profile = { accountId: `account-${listener}`, userId: listener, name: listener, image: null }
  const key = { provider: 'spotify', providerAccountId: `account-${listener}` }
  const known = await db().account.findUnique({ where: { provider_providerAccountId: key } })
  const userId = known?.userId ?? (await createListener({ name: listener })).id
  if (!known) await db().account.create({ data: { ...key, userId, type: 'oauth' } })
  const run = await connectListener(userId, profile, tokens)
  return { userId, runId: run?.id ?? '' }
}
