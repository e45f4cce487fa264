import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE } from '#lib/core/clock.ts'
import { type S3Server, startS3Server } from '#lib/s3/testing/server.ts'
import { type RemoteSimulator, remoteSimulator } from '#simulator/admin/remote.ts'
import { type Simulator, startSimulator } from '#simulator/simulator.ts'
import { killAtRandom } from '#testing/instances/crashes.ts'
import { removeTestFolder, testFolder } from '#testing/instances/instance.ts'
import { ListenerActivity } from '#testing/instances/listening.ts'
import { ManagedInstance } from '#testing/instances/managed-instance.ts'
import { readProgress, waitUntilIdle } from '#testing/instances/progress.ts'
import { PROCESSES, realDatabaseUrl, realSettings, SPOTIFY_APP } from '#testing/instances/real-instance.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import { withWarehouseCopy } from '#testing/instances/warehouse-copy.ts'
import { landingInS3 } from '#testing/s3/test-landing.ts'
import { expectAllTables, expectEveryPlay, expectSavedHistory, type Tables } from '#testing/sync/expected.ts'
import { freePort, withClient } from './postgres.ts'

/**
 * Kills processes of an instance at random moments while its listener plays and likes songs. In the end, nothing is lost
 * or duplicated. CRASH_KILLS sets the number of kills, and CRASH_SEED repeats a run with a printed seed. With odd seeds,
 * the landing zone is in S3, and each tenth of its requests is refused or lost.
 */

const KILLS = Number(process.env.CRASH_KILLS ?? 5)
const SEED = Number(process.env.CRASH_SEED ?? randomInt(1_000_000))

const LISTENER = 'load-3'
const FAULTS = ['SlowDown', 'reset', 'lost', 'cut'] as const
/** Enough for dozens of pages, so that most kills happen while a list is read. */
const LIKES = 1_500
const LATENCY_MS = 20
const BEGIN = new Date('2026-11-20T12:00:00Z')
/** After this many rounds a run may finish: Spotify shows only the last 50 plays, and each round plays up to three. */
const ROUNDS_WITHOUT_RUN = 8

let s3: S3Server | undefined
let simulator: Simulator
let spotify: RemoteSimulator
let listening: ListenerActivity
let instance: ManagedInstance
let visitor: Visitor

beforeAll(async () => {
  simulator = await startSimulator({
    port: 0,
    seed: 1,
    now: () => BEGIN,
    latencyMs: LATENCY_MS,
    admin: true,
    ...SPOTIFY_APP,
  })
  spotify = remoteSimulator(simulator.url)
  listening = new ListenerActivity(spotify, LISTENER, BEGIN)
  await listening.start(LIKES)
  if (SEED % 2 === 1) s3 = await startS3Server()
  if (s3) for (const fails of FAULTS) s3.inject({ fails, every: FAULTS.length * 10 })
  instance = new ManagedInstance({
    ...realSettings(simulator.url),
    ...(s3 ? landingInS3(s3) : {}),
    DATA_DIR: testFolder(),
    PORT: String(await freePort()),
    ENGINE_PORT: String(await freePort()),
    PLAN_EVERY: '1m',
    ENGINE_BACKOFF_MS: '200',
  })
  await instance.start()
  visitor = new Visitor(instance.origin)
  await signIn(visitor, LISTENER)
})

afterAll(async () => {
  await instance.stop()
  removeTestFolder(instance.dataFolder)
  await simulator.stop()
  await s3?.stop()
})

const databaseUrl = () => realDatabaseUrl(instance.dataFolder)

/** Presses "Re-run" unless a run is active. */
async function runAgain(): Promise<void> {
  if (await startRun()) return
  // The instance was down. Without a run, the next kill would interrupt nothing.
  await instance.recover()
  await startRun()
}

/** @returns whether a run is active now */
async function startRun(): Promise<boolean> {
  const found = await readProgress(databaseUrl)
  if (!found?.newest) return false
  if (found.runs > 0) return true
  const response = await visitor
    .request(`/api/runs/${found.newest}/rerun`, { method: 'POST', json: {} })
    .catch(() => undefined)
  return response?.ok ?? false
}

async function progress(): Promise<number | undefined> {
  const found = await readProgress(databaseUrl)
  return found && found.runs + found.loads > 0 ? found.done : undefined
}

let rounds = 0

test(
  `after ${KILLS} kills at random moments (seed ${SEED}) the tables equal Spotify's data`,
  async () => {
    const killed = await killAtRandom(
      {
        victims: PROCESSES.map((name) => ({ name, pid: () => instance.pid(name) })),
        async act(draw) {
          if (++rounds % ROUNDS_WITHOUT_RUN === 0) {
            await instance.recover()
            await waitUntilIdle(databaseUrl)
          }
          await listening.advance(draw)
          await runAgain()
        },
        progress,
        startAgain: () => instance.startAgain(),
        recover: () => instance.recover(),
      },
      { kills: KILLS, seed: SEED },
    )
    console.log(`killed with CRASH_SEED=${SEED}: ${killed.join(', ')}`)

    await waitUntilIdle(databaseUrl)
    await runAgain()
    await waitUntilIdle(databaseUrl)
    const [{ id, counted } = { id: '', counted: 0 }] = await savedSongs()
    await instance.stop()
    if (s3) expect(s3.contents('landing', 'zone/raw_data/')).not.toEqual([])
    await withWarehouseCopy(instance.dataFolder, async (warehouse) => {
      const library: Tables = {
        expected: spotify.expected,
        tableRows: (_, table, columns = '*') =>
          warehouse.query(`select ${columns} from ${warehouse.table('raw', table)}`, [], { limit: 100_000 }),
      }
      await expectAllTables(library, id, LISTENER)
      await expectEveryPlay(library, id, LISTENER)
      await expectSavedHistory(library, id)
      expect(await library.tableRows(id, 'user_saved_tracks_stream', '1')).toHaveLength(counted)
    })
  },
  (5 + KILLS) * MINUTE,
)

/** The listener, and the number of liked songs by the added and removed rows of all runs. */
async function savedSongs() {
  const { rows } = await withClient(databaseUrl(), (client) =>
    client.query<{ id: string; counted: number }>(`
      select u.id, sum(s."rowsNew" - s."rowsRemoved")::int as counted
      from "User" u join "StreamRun" s on s."userId" = u.id where s.stream = 'user_saved_tracks_stream' group by u.id`),
  )
  return rows
}
