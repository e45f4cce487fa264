import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../inngest/engine/testing/bed.ts'
import { MINUTE, pause } from '../lib/clock.ts'
import { type Simulator, startSimulator } from '../lib/sources/spotify/simulator/simulator.ts'
import type { Row } from '../lib/table.ts'
import { withClient } from './postgres.ts'
import { removeTestFolder, startInstance, type TestInstance, testFolder } from './testing/instance.ts'
import {
  PROCESSES,
  type ProcessName,
  processOf,
  realDatabaseUrl,
  realSettings,
  SPOTIFY_APP,
} from './testing/real-instance.ts'
import { signIn, Visitor } from './testing/visitor.ts'
import { readTables, withWarehouseCopy } from './testing/warehouse-copy.ts'

/** Every process of an instance is killed in the middle of a first run. Nobody helps; nothing may be lost or doubled. */

const LISTENER = 'juniper-lake'
const LATENCY_MS = 20
/** Where the simulated clock stands still, so that both runs are answered the same. */
const PRESENT = new Date('2026-11-20T12:00:00Z')
/** So many pages are landed between two kills; the whole run has about 300. */
const PAGES_BETWEEN = 40
/** The moment of a read, under the names it has in the tables. */
const MOMENTS = new Set(['synced_at', 'seen_at', 'day'])

const folders: string[] = []
const instances: TestInstance[] = []
let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator({
    port: 0,
    seed: 1,
    now: () => PRESENT,
    latencyMs: LATENCY_MS,
    clientId: SPOTIFY_APP.clientId,
    clientSecret: SPOTIFY_APP.clientSecret,
  })
})

afterAll(async () => {
  for (const instance of instances) await instance.stop()
  for (const folder of folders) removeTestFolder(folder)
  await simulator.stop()
})

async function start(settings: Record<string, string>): Promise<TestInstance> {
  const instance = await startInstance(settings)
  instances.push(instance)
  await instance.printed('ready on')
  return instance
}

/** Settings of a new instance; with them it is also started again on the same data. */
function newSettings(): Record<string, string> {
  const folder = testFolder()
  folders.push(folder)
  return { ...realSettings(simulator.url), DATA_DIR: folder, PLAN_EVERY: '1m', ENGINE_BACKOFF_MS: '1000' }
}

interface Progress {
  pages: number
  state: string
  /** The streams that are not over, for the message of a run that never ends. */
  open: string | null
}

// Only the run of the sign-in: the schedule may start another one at any half hour.
const PROGRESS = `
  select r.state, sum(s.pages)::int as pages,
         string_agg(s.stream || ' ' || s.state || ' ' || s.pages, ', ') filter (where s."endedAt" is null) as open
  from "Run" r join "StreamRun" s on s."runId" = r.id where r.trigger = 'sign_in' group by r.id`
const LOOK_EVERY_MS = 200

/** How far the first run is; undefined while the database is away. */
async function progressOf({ dataFolder }: TestInstance): Promise<Progress | undefined> {
  try {
    const { rows } = await withClient(realDatabaseUrl(dataFolder), (client) => client.query<Progress>(PROGRESS))
    return rows[0]
  } catch {
    return undefined
  }
}

/** Looks at the run now and then, until it is as wanted. */
async function progressUntil(instance: TestInstance, wanted: (progress: Progress) => boolean): Promise<Progress> {
  const deadline = Date.now() + 3 * MINUTE
  for (;;) {
    const progress = await progressOf(instance)
    if (progress && wanted(progress)) return progress
    if (Date.now() > deadline) throw new Error(`The run stands still: ${JSON.stringify(progress)}`)
    await pause(LOOK_EVERY_MS)
  }
}

async function endState(instance: TestInstance): Promise<string> {
  const { state } = await progressUntil(instance, ({ state }) => !['queued', 'running', 'waiting'].includes(state))
  return state
}

/** Kills a process of an instance as soon as the run has landed so many pages. */
async function killAt(instance: TestInstance, name: ProcessName, pages: number): Promise<number> {
  const { state } = await progressUntil(instance, (progress) => progress.pages >= pages)
  expect(state, `${name} is killed while the run is under way`).toBe('running')
  const pid = await eventually(() => processOf(instance.dataFolder, name))
  process.kill(pid, 'SIGKILL')
  return pid
}

/** Waits until another process has taken the place of a killed one, and everything answers. */
async function comesBack({ dataFolder, origin }: TestInstance, name: ProcessName, killed: number): Promise<void> {
  await eventually(async () => {
    const pid = processOf(dataFolder, name)
    if (pid === undefined || pid === killed) return false
    const answer = await fetch(`${origin}/api/health`).catch(() => undefined)
    const health = (await answer?.json()) as { status: string } | undefined
    return health?.status === 'ok'
  })
}

/** What the warehouse of a stopped instance holds: of each table its rows as sorted texts, without their moments. */
function contentOf({ dataFolder }: TestInstance): Promise<Map<string, string[]>> {
  const timeless = (row: Row) => JSON.stringify(Object.entries(row).filter(([name]) => !MOMENTS.has(name)))
  return withWarehouseCopy(dataFolder, async (warehouse) => {
    const tables = await readTables(warehouse)
    return new Map([...tables].map(([name, rows]) => [name, rows.map(timeless).sort()]))
  })
}

async function undisturbedContent(): Promise<Map<string, string[]>> {
  const instance = await start(newSettings())
  await signIn(new Visitor(instance.origin), LISTENER)
  expect(await endState(instance)).toBe('incomplete') // the chart playlists exist for no new app
  await instance.stop()
  return contentOf(instance)
}

test(
  'a first run survives the end of every process, and the tables are those of an undisturbed run',
  async () => {
    const expected = await undisturbedContent()
    const settings = newSettings()
    let instance = await start(settings)
    await signIn(new Visitor(instance.origin), LISTENER)

    let pages = 0
    for (const name of PROCESSES) {
      pages += PAGES_BETWEEN
      const killed = await killAt(instance, name, pages)
      if (name === 'supervisor') instance = await start(settings)
      await comesBack(instance, name, killed)
    }

    expect(await endState(instance)).toBe('incomplete')
    await instance.stop()
    const content = await contentOf(instance)
    expect([...content.keys()]).toEqual([...expected.keys()])
    for (const [name, rows] of expected) {
      const found = content.get(name) ?? []
      const held = new Set(found)
      const lost = rows.filter((row) => !held.has(row))
      expect({ name, rows: found.length, lost }).toEqual({ name, rows: rows.length, lost: [] })
    }
  },
  5 * MINUTE,
)
