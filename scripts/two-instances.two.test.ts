import { randomBytes, randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { MINUTE } from '#lib/core/clock.ts'
import { type S3Server, startS3Server } from '#lib/s3/testing/server.ts'
import { type RemoteSimulator, remoteSimulator } from '#simulator/admin/remote.ts'
import { type Simulator, startSimulator } from '#simulator/simulator.ts'
import { eventually } from '#testing/eventually.ts'
import { killAtRandom, type Victim } from '#testing/instances/crashes.ts'
import { removeTestFolder, testFolder } from '#testing/instances/instance.ts'
import { ListenerActivity } from '#testing/instances/listening.ts'
import { ManagedInstance } from '#testing/instances/managed-instance.ts'
import { readProgress, waitUntilIdle } from '#testing/instances/progress.ts'
import { realSettings, SPOTIFY_APP } from '#testing/instances/real-instance.ts'
import { connectSnowflake, readSnowflake } from '#testing/instances/snowflake-listener.ts'
import { type SnowflakeProcess, startSnowflake } from '#testing/instances/snowflake-process.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import { landingInS3 } from '#testing/s3/test-landing.ts'
import { expectAllTables, expectEveryPlay, expectSavedHistory } from '#testing/sync/expected.ts'
import { keepRunning, type SupervisedChild } from './child.ts'
import { postgresPlan } from './children.ts'
import { createDatabase, freePort, openCluster, withClient } from './postgres.ts'

/**
 * Two instances on one database and one landing folder, each with its own web process and engine, that serve from the
 * listeners' Snowflakes. The tests depend on each other's order.
 */

const KILLS = Number(process.env.CRASH_KILLS ?? 8)
const SEED = Number(process.env.CRASH_SEED ?? randomInt(1_000_000))

const LISTENERS = ['load-3', 'load-4'] as const
const LIKES = 1_000
const BEGIN = new Date('2026-11-20T12:00:00Z')
/** The limits in lib/quota/request-limits.ts, which all instances share. */
const MAX_IN_FLIGHT: Record<string, number> = {
  '/me/top/tracks': 2,
  '/me/top/artists': 2,
  '/me/player/recently-played': 2,
  '/me/following': 2,
  '/me/tracks': 4,
  '/me/albums': 4,
  '/me/playlists': 4,
  '/playlists/{id}/items': 1,
}
const ROUNDS_WITHOUT_RUN = 8

let folder: string
let simulator: Simulator
let spotify: RemoteSimulator
let snowflake: SnowflakeProcess
let s3: S3Server
let postgres: SupervisedChild
let databaseUrl: () => string
let one: ManagedInstance
let two: ManagedInstance
/** The browsers of both listeners, which can visit either instance. */
const visitors = new Map<string, Visitor>()
/** Their first runs, which read every stream. */
const firstRuns = new Map<string, string>()

beforeAll(async () => {
  folder = testFolder()
  simulator = await startSimulator({ port: 0, seed: 1, now: () => BEGIN, latencyMs: 20, admin: true, ...SPOTIFY_APP })
  spotify = remoteSimulator(simulator.url)
  snowflake = await startSnowflake()
  s3 = await startS3Server()
  const url = await startPostgres()
  databaseUrl = () => url
  const shared = {
    ...realSettings(simulator.url),
    DATABASE_URL: url,
    TRACKLAKE_KEY: `k1:${randomBytes(32).toString('base64')}`,
    NEXTAUTH_SECRET: 'one secret for both',
    ...landingInS3(s3),
    SERVE_FROM: 'connected',
    SNOWFLAKE_ENDPOINT: snowflake.url,
    PLAN_EVERY: '1m',
    ENGINE_BACKOFF_MS: '200',
    SIGN_UPS: 'open',
  }
  const settings = async (name: string) => ({
    ...shared,
    DATA_DIR: join(folder, name),
    PORT: String(await freePort()),
    ENGINE_PORT: String(await freePort()),
  })
  one = new ManagedInstance(await settings('one'))
  two = new ManagedInstance(await settings('two'))
  await one.start()
  await two.start()
  await Promise.all([one.recover(), two.recover()])
  // For reading what was loaded with the product's own adapter.
  Object.assign(process.env, shared, { TRACKLAKE_MODE: 'real' })
})

afterAll(async () => {
  await Promise.all([one.stop(), two.stop()])
  await postgres.stop()
  await snowflake.stop()
  await s3.stop()
  await simulator.stop()
  removeTestFolder(folder)
})

/** Starts a Postgres that comes back at the same address after it is killed. */
async function startPostgres(): Promise<string> {
  mkdirSync(join(folder, 'logs'))
  const cluster = await openCluster({ folder: join(folder, 'postgres'), durable: true })
  const gone = new AbortController()
  postgres = keepRunning(postgresPlan(cluster, folder), { onGivenUp: () => gone.abort() })
  await cluster.ready(postgres.pid, gone.signal)
  await createDatabase(cluster.url('postgres'), 'tracklake')
  return cluster.url('tracklake')
}

function visitor(listener: string, { origin } = one): Visitor {
  const known = visitors.get(listener)
  if (!known) throw new Error(`${listener} has not signed in`)
  return known.at(origin)
}

const Runs = z.object({ runs: z.array(z.object({ id: z.string(), state: z.string(), kind: z.string() })) })

test('a sign-in at one is valid at the other, and both serve pages', async () => {
  for (const listener of LISTENERS) {
    await new ListenerActivity(spotify, listener, BEGIN).start(LIKES)
    const browser = new Visitor(one.origin)
    visitors.set(listener, browser)
    await signIn(browser, listener)
  }
  for (const instance of [one, two]) {
    for (const listener of LISTENERS) {
      expect((await visitor(listener, instance).request('/overview')).status).toBe(200)
      const { runs } = await visitor(listener, instance).json('/api/runs', Runs)
      expect(runs.map(({ kind }) => kind)).toEqual(['extract'])
      firstRuns.set(listener, runs[0]?.id ?? '')
    }
  }
})

test('both together stay within the limits of the Spotify app', async () => {
  await waitUntilIdle(databaseUrl)
  const { maxInFlight } = await spotify.stats()
  for (const [path, max] of Object.entries(MAX_IN_FLIGHT))
    expect([path, (maxInFlight[path] ?? 0) <= max]).toEqual([path, true])
  expect(maxInFlight['/me/tracks']).toBeGreaterThan(2)
})

test('both show what either has read and loaded', async () => {
  for (const [index, listener] of LISTENERS.entries()) {
    const browser = visitor(listener, index === 0 ? one : two)
    await connectSnowflake(browser, snowflake.url, listener)
    await browser.request('/api/warehouse/settings', { method: 'PUT', json: { cadence: 'every extract' } })
  }
  await waitUntilIdle(databaseUrl)
  const Chart = z.object({ rows: z.array(z.unknown()), warehouse: z.string() })
  for (const instance of [one, two]) {
    for (const listener of LISTENERS) {
      const found = await eventually(async () => {
        const response = await visitor(listener, instance).request('/api/charts/top-tracks')
        return response.status === 200 && Chart.parse(await response.json())
      })
      expect([found.warehouse, found.rows.length]).toEqual(['snowflake', 50])
    }
  }
})

test('when all processes of one are killed, the other serves pages, accepts runs and reads', async () => {
  one.killAll()
  const [listener] = LISTENERS
  expect((await visitor(listener, two).request('/overview')).status).toBe(200)
  await new ListenerActivity(spotify, listener, BEGIN).advance(() => 0)
  await runAgain(listener, two)
  await waitUntilIdle(databaseUrl)
  const { runs } = await visitor(listener, two).json('/api/runs', Runs)
  expect(runs[0]?.state).not.toBe('failed')
  await one.startAgain()
  await Promise.all([one.recover(), two.recover()])
})

/** Presses "Re-run" on the listener's first run. Streams that are being read are skipped. */
async function runAgain(listener: string, instance: ManagedInstance): Promise<void> {
  // The first listener is the admin, who has no limit on runs.
  await visitor(LISTENERS[0], instance)
    .request(`/api/runs/${firstRuns.get(listener)}/rerun`, { method: 'POST', json: {} })
    .catch(() => undefined)
}

async function progress(): Promise<number | undefined> {
  const found = await readProgress(databaseUrl)
  return found && found.runs + found.loads > 0 ? found.done : undefined
}

let rounds = 0

test(
  `after ${KILLS} kills at random moments (seed ${SEED}) both Snowflakes equal Spotify's data`,
  async () => {
    const victims: Victim[] = [
      { name: 'postgres', pid: () => postgres.pid() || undefined },
      ...(['web', 'engine', 'supervisor'] as const).flatMap((name) => [
        { name: `${name} of one`, pid: () => one.pid(name) },
        { name: `${name} of two`, pid: () => two.pid(name) },
      ]),
    ]
    const both = (work: (instance: ManagedInstance) => Promise<void>) => Promise.all([one, two].map(work))
    const recover = async () => void (await both((instance) => instance.recover()))
    const lives = LISTENERS.map(
      (listener) => new ListenerActivity(spotify, listener, new Date(BEGIN.getTime() + 10 * MINUTE)),
    )
    const killed = await killAtRandom(
      {
        victims,
        async act(draw) {
          if (++rounds % ROUNDS_WITHOUT_RUN === 0) {
            await recover()
            await waitUntilIdle(databaseUrl)
          }
          for (const life of lives) await life.advance(draw)
          for (const listener of LISTENERS) await runAgain(listener, draw() < 0.5 ? one : two)
          if ((await readProgress(databaseUrl))?.runs !== 0) return
          // Both instances were down. Without a run, the next kill would interrupt nothing.
          await recover()
          for (const listener of LISTENERS) await runAgain(listener, one)
        },
        progress,
        startAgain: async () => void (await both((instance) => instance.startAgain())),
        recover,
      },
      { kills: KILLS, seed: SEED },
    )
    console.log(`killed with CRASH_SEED=${SEED}: ${killed.join(', ')}`)
    for (const listener of LISTENERS) {
      await waitUntilIdle(databaseUrl)
      await runAgain(listener, two)
    }
    await waitUntilIdle(databaseUrl)
    for (const listener of LISTENERS) {
      const userId = await userOf(listener)
      const library = { expected: spotify.expected, tableRows: readSnowflake }
      await expectAllTables(library, userId, listener)
      await expectEveryPlay(library, userId, listener)
      await expectSavedHistory(library, userId)
    }
  },
  (5 + KILLS) * MINUTE,
)

async function userOf(listener: string): Promise<string> {
  const { rows } = await withClient(databaseUrl(), (client) =>
    client.query<{ id: string }>('select id from "User" where "spotifyUserId" = $1', [listener]),
  )
  return rows[0]?.id ?? ''
}
