import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type pg from 'pg'
import { DAY, MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { readSecrets } from '#lib/core/secrets.ts'
import { PERISHABLE, PLANS } from '#lib/schedule/timetable.ts'
import type { SimulatorProcess } from '#scripts/bench/simulator-process.ts'
import { environmentWithoutSettings, type TestInstance } from '#testing/instances/instance.ts'
import { realDatabaseUrl, realSettings } from '#testing/instances/real-instance.ts'
import { type Cost, costOf } from './cost.ts'

const PLAYS = 'user_recently_played_stream'
const AFTER_TICK_S = 15
const BEFORE_TICK_S = 58
const GROUPS = Object.keys(PLANS)
const POLL_EVERY_MS = SECOND
const PLANNED_SINCE =
  'select /* of the bench */ count(distinct "userId")::int as found from "StreamRun" where "queuedAt" >= $1'
/** Between two polls of recently played. */
export const POLL_INTERVAL_MS = 30 * MINUTE

export interface BenchInstance {
  instance: TestInstance
  simulator: SimulatorProcess
  client: pg.Client
}

/** The cost of running all streams of some listeners. */
export interface Connected {
  listeners: number
  before: Cost
  after: Cost
}

/** A poll of recently played for all listeners, due at the same instant. */
export interface Round {
  listeners: number
  before: Cost
  after: Cost
  /** Milliseconds from the due time to the end, including loads, by listener. */
  delays: number[]
  /** Polls that found new plays. */
  withPlays: number
  /** Polls that failed. */
  failed: number
  /** Milliseconds between the first and the last run that the plan created. */
  planningMs: number
  /** Seconds from the first run to the last end. */
  seconds: number
}

/** Connects the listeners `first` to `last` and waits for their first runs. */
export async function connect(
  { instance, simulator, client }: BenchInstance,
  first: number,
  last: number,
): Promise<Connected> {
  const before = await costOf(instance, client, simulator)
  await connectProcess(instance, simulator, first, last)
  await clearSchedule(client)
  return { listeners: last - first + 1, before, after: await costOf(instance, client, simulator) }
}

async function connectProcess(
  { dataFolder, engine }: TestInstance,
  simulator: SimulatorProcess,
  first: number,
  last: number,
): Promise<void> {
  const script = join(import.meta.dirname, 'connect-listeners.ts')
  const secrets = readSecrets(dataFolder)
  const child = spawn(process.execPath, [script, String(first), String(last)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...environmentWithoutSettings(),
      NODE_ENV: 'production',
      ...realSettings(simulator.url),
      DATABASE_URL: realDatabaseUrl(dataFolder),
      DATA_DIR: dataFolder,
      TRACKLAKE_MODE: 'real',
      TRACKLAKE_KEY: secrets?.keyRing,
      INNGEST_BASE_URL: engine,
      INNGEST_EVENT_KEY: secrets?.eventKey,
    },
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error("The listeners couldn't be connected.")
}

/** Moves the simulated clock on by half an hour, makes a poll due for every listener and waits for all polls. */
export async function pollEveryone(bench: BenchInstance, listeners: number): Promise<Round> {
  const { instance, simulator, client } = bench
  const { at, before } = await makeDue(bench, POLL_INTERVAL_MS, [PERISHABLE])
  await waitFor(client, PLANNED_SINCE, listeners, [at])
  await waitUntilClosed(client)
  await clearSchedule(client)
  const polls = await client.query<{ delay: number; state: string; queued: number; ended: number }>(
    `select distinct on ("userId") state, extract(epoch from "endedAt" - $1)::float8 * 1000 as delay,
       extract(epoch from "queuedAt")::float8 * 1000 as queued, extract(epoch from "endedAt")::float8 * 1000 as ended
     from "StreamRun" where stream = $2 and "queuedAt" >= $1 and "endedAt" is not null order by "userId", "queuedAt"`,
    [at, PLAYS],
  )
  const queued = polls.rows.map(({ queued: at }) => at)
  return {
    listeners,
    before,
    after: await costOf(instance, client, simulator),
    delays: polls.rows.map(({ delay }) => delay),
    withPlays: polls.rows.filter(({ state }) => state === 'succeeded').length,
    failed: polls.rows.filter(({ state }) => state !== 'succeeded' && state !== 'nothing_new').length,
    planningMs: Math.max(...queued) - Math.min(...queued),
    seconds: (Math.max(...polls.rows.map(({ ended }) => ended)) - Math.min(...queued)) / SECOND,
  }
}

/** Moves the simulated clock on by a day and waits for a run of all streams. */
export async function runNextDay(bench: BenchInstance, listeners: number): Promise<Connected> {
  const { instance, simulator, client } = bench
  const { at, before } = await makeDue(bench, DAY, GROUPS)
  await waitFor(client, PLANNED_SINCE, listeners, [at])
  await waitUntilClosed(client)
  await clearSchedule(client)
  return { listeners, before, after: await costOf(instance, client, simulator) }
}

/** Moves the simulated clock on and makes streams due for every listener. @returns the due time and the cost so far */
async function makeDue({ instance, simulator, client }: BenchInstance, advanceMs: number, groups: string[]) {
  await simulator.configure({ clock: { advanceSeconds: advanceMs / SECOND } })
  await waitForSecond(AFTER_TICK_S)
  const { rows } = await client.query<{ at: Date }>(
    `with due as (
       update "Schedule" set "nextAt" = date_trunc('milliseconds', now()) where "group" = any($1) returning "nextAt"
     ) select max("nextAt") as at from due`,
    [groups],
  )
  // Excludes the cost of the idle instance until the tick.
  await waitForSecond(BEFORE_TICK_S)
  return { at: rows[0]?.at, before: await costOf(instance, client, simulator) }
}

/** Keeps scheduled runs from interfering. */
async function clearSchedule(client: pg.Client): Promise<void> {
  await client.query(`update "Schedule" set "nextAt" = now() + interval '7 days'`)
}

/** Waits until this second of a minute; the plan ticks at second 0. */
async function waitForSecond(second: number): Promise<void> {
  const within = Date.now() % MINUTE
  await pause((second * SECOND - within + MINUTE) % MINUTE)
}

/** Waits until every run has ended and is closed. */
async function waitUntilClosed(client: pg.Client): Promise<void> {
  await waitFor(client, 'select /* of the bench */ -count(*)::int as found from "Run" where "closedAt" is null', 0)
}

/** Polls until the count is reached. Stops when the next poll would be due; what is missing by then counts as missed. */
async function waitFor(client: pg.Client, sql: string, target: number, values: unknown[] = []): Promise<void> {
  const deadline = Date.now() + POLL_INTERVAL_MS
  while (Date.now() < deadline) {
    const { rows } = await client.query<{ found: number }>(sql, values)
    if ((rows[0]?.found ?? Number.NEGATIVE_INFINITY) >= target) return
    await pause(POLL_EVERY_MS)
  }
}
