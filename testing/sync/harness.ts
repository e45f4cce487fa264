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
import { type RemoteSimulator, remoteSimulator } from '#simulator/admin/remote.ts'
import type { SimulatorSettings } from '#simulator/admin/settings.ts'
import { startSimulator } from '#simulator/simulator.ts'
import { migratedDatabase } from '#testing/postgres/database.ts'

/**
 * Everything a run needs: a real database, a data folder, and a simulated Spotify over HTTP. The simulated clock stands
 * still, so that what Spotify returns and what tests expect are from the same instant.
 */
export interface Harness {
  folder: string
  /** The simulated time. */
  now(): Date
  setTime(instant: Date): Promise<void>
  configure(orders: SimulatorSettings): Promise<void>
  expected: RemoteSimulator['expected']
  stats: RemoteSimulator['stats']
  /** Signs a listener in as the browser would. Their first run is created but not started. */
  signIn(listener: string, options?: { scopes?: string[] }): Promise<SignedIn>
  /** Tokens as if the listener had just consented. @param client id of a Spotify app, by default the instance's */
  grant(listener: string, client?: string): Promise<Tokens>
  /** Rows of a raw table in a listener's warehouse; none if the table doesn't exist. */
  tableRows(userId: string, table: string, columns?: string): Promise<Row[]>
  stop(): Promise<void>
}

export interface SignedIn {
  userId: string
  /** The run that the consent created; empty if none. */
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

export const NOON = new Date('2026-10-14T12:00:00.000Z')
const APP = { clientId: 'a'.repeat(32), clientSecret: 'b'.repeat(32) }
const MAX_ROWS = 100_000

/** The scopes of all streams. */
export const ALL_SCOPES: string[] = [...new Set(streams.flatMap(({ scopes }) => scopes))]

/**
 * Starts the harness, and sets the environment before anything reads it.
 * @param settings environment variables beside the usual ones
 * @param window the rate limit of the simulated Spotify
 */
export async function startHarness(
  settings: Record<string, string> = {},
  window?: { seconds: number; requests: number },
): Promise<Harness> {
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
    now: () => at,
    async setTime(instant) {
      at = instant
      await spotify.configure({ clock: { set: instant.toISOString() } })
    },
    configure: async (orders) => void (await spotify.configure(orders)),
    expected: spotify.expected,
    stats: spotify.stats,
    async signIn(listener, { scopes = ALL_SCOPES } = {}) {
      const { grant } = Granted.parse(await spotify.configure({ grant: { listener, scopes } }))
      return connect(listener, grant)
    },
    async grant(listener, client) {
      const request = { listener, scopes: ALL_SCOPES, ...(client ? { client } : {}) }
      return Granted.parse(await spotify.configure({ grant: request })).grant
    },
    async tableRows(userId, table, columns = '*') {
      opened.add(duckdbFile(userId))
      const warehouse = await openDuckdb(duckdbFile(userId))
      if ((await warehouse.existing('raw', [table])).length === 0) return []
      return warehouse.query(`select ${columns} from ${warehouse.table('raw', table)}`, [], { limit: MAX_ROWS })
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

/** What sign-in does once it has tokens: finds the listener of the account, or creates one. */
async function connect(listener: string, tokens: Tokens): Promise<SignedIn> {
  const profile: Profile = { accountId: `account-${listener}`, userId: listener, name: listener, image: null }
  const key = { provider: 'spotify', providerAccountId: `account-${listener}` }
  const known = await db().account.findUnique({ where: { provider_providerAccountId: key } })
  const userId = known?.userId ?? (await createListener({ name: listener })).id
  if (!known) await db().account.create({ data: { ...key, userId, type: 'oauth' } })
  const run = await connectListener(userId, profile, tokens)
  return { userId, runId: run?.id ?? '' }
}
