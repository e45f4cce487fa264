import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { migratedDatabase } from '../../../scripts/testing/database.ts'
import { db } from '../../db.ts'
import { connectListener, createListener } from '../../listener/connect.ts'
import type { Profile } from '../../listener/profile.ts'
import type { Tokens } from '../../sources/spotify/accounts.ts'
import type { Orders } from '../../sources/spotify/simulator/admin.ts'
import { startSimulator } from '../../sources/spotify/simulator/simulator.ts'
import { streams } from '../../streams/index.ts'
import type { Row } from '../../table.ts'
import { openDuckdb } from '../../warehouse/duckdb/duckdb.ts'
import { duckdbFile } from '../places.ts'

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
  /** What a table should hold, as the simulation knows it. */
  truth(listener: string, subject: string, query?: Record<string, string>): Promise<Row[]>
  stats(): Promise<Stats>
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

const Stats = z.object({
  requests: z.record(z.string(), z.number()),
  statuses: z.record(z.string(), z.number()),
  mostInFlight: z.record(z.string(), z.number()),
  tooMany: z.number(),
})
type Stats = z.infer<typeof Stats>

const Truth = z.object({ items: z.array(z.record(z.string(), z.json())), next: z.number().nullable() })
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
  // biome-ignore lint/style/noProcessEnv: here begins what the settings are read from.
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
  let at = NOON
  const opened = new Set<string>()

  async function command(orders: Orders): Promise<unknown> {
    const response = await fetch(`${simulator.url}/admin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(orders),
    })
    if (!response.ok) throw new Error(`The simulation refused an order: ${await response.text()}`)
    return response.json()
  }

  return {
    folder,
    at: () => at,
    async moveTo(instant) {
      at = instant
      await command({ clock: { set: instant.toISOString() } })
    },
    order: async (orders) => void (await command(orders)),
    async truth(listener, subject, query = {}) {
      const items: Row[] = []
      for (let offset: number | null = 0; offset !== null; ) {
        const asked = new URLSearchParams({ ...query, offset: String(offset) })
        const response = await fetch(`${simulator.url}/admin/truth/${listener}/${subject}?${asked}`)
        const page: z.infer<typeof Truth> = Truth.parse(await response.json())
        items.push(...page.items)
        offset = page.next
      }
      return items
    },
    stats: async () => Stats.parse(await (await fetch(`${simulator.url}/admin/stats`)).json()),
    async signIn(listener, { scopes = ALL_SCOPES } = {}) {
      const { grant } = Granted.parse(await command({ grant: { listener, scopes } }))
      return connect(listener, grant)
    },
    async grant(listener, client) {
      const asked = { listener, scopes: ALL_SCOPES, ...(client ? { client } : {}) }
      return Granted.parse(await command({ grant: asked })).grant
    },
    async tableRows(userId, table, columns = '*') {
      opened.add(duckdbFile(userId))
      const warehouse = await openDuckdb(duckdbFile(userId))
      if ((await warehouse.existing('raw', [table])).length === 0) return []
      return warehouse.ask(`select ${columns} from ${warehouse.table('raw', table)}`, [], { limit: MOST_ROWS })
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
