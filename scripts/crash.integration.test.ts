import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE } from '#lib/core/clock.ts'
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
import { expectAllTables, expectEveryPlay, expectSavedHistory, type Tables } from '#testing/sync/expected.ts'
import { freePort, withClient } from './postgres.ts'

/**
 * Processes of an instance are killed at random moments while its listener plays and likes songs. In the end nothing is
 * lost and nothing is doubled. CRASH_KILLS says how many, CRASH_SEED repeats what a printed seed did.
 */

const KILLS = Number(process.env.CRASH_KILLS ?? 5)
const SEED = Number(process.env.CRASH_SEED ?? randomInt(1_000_000))

const LISTENER = 'load-3'
/** Enough for some dozens of pages, so that most kills meet a list that is being read. */
const LIKES = 1_500
const LATENCY_MS = 20
const BEGIN = new Date('2026-11-20T12:00:00Z')
/** After so many rounds a run is let through: Spotify shows the last 50 plays only, and each round plays up to three. */
const ROUNDS_WITHOUT_LOOK = 8

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
  instance = new ManagedInstance({
    ...realSettings(simulator.url),
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
})

const databaseUrl = () => realDatabaseUrl(instance.dataFolder)

/** Asks for everything once more, as somebody presses "Re-run"; one that is under way is enough. */
async function runAgain(): Promise<void> {
  if (await orderRun()) return
  // Nobody was there to take the order: a kill would meet nothing that is under way.
  await instance.recover()
  await orderRun()
}

/** @returns whether there is anything to do now */
async function orderRun(): Promise<boolean> {
  const found = await readProgress(databaseUrl)
  if (!found?.newest) return false
  if (found.runs > 0) return true
  const answer = await visitor
    .request(`/api/runs/${found.newest}/rerun`, { method: 'POST', json: {} })
    .catch(() => undefined)
  return answer?.ok ?? false
}

async function progress(): Promise<number | undefined> {
  const found = await readProgress(databaseUrl)
  return found && found.runs + found.loads > 0 ? found.done : undefined
}

let rounds = 0

test(
  `after ${KILLS} kills at random moments (seed ${SEED}) the tables are what Spotify says`,
  async () => {
    const killed = await killAtRandom(
      {
        victims: PROCESSES.map((name) => ({ name, pid: () => instance.pid(name) })),
        async goOn(draw) {
          if (++rounds % ROUNDS_WITHOUT_LOOK === 0) {
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

/** The listener, and how many liked songs there are by what the runs say came and went. */
async function savedSongs() {
  const { rows } = await withClient(databaseUrl(), (client) =>
    client.query<{ id: string; counted: number }>(`
      select u.id, sum(s."rowsNew" - s."rowsRemoved")::int as counted
      from "User" u join "StreamRun" s on s."userId" = u.id where s.stream = 'user_saved_tracks_stream' group by u.id`),
  )
  return rows
}
