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
/** Between two looks at recently played. */
export const POLL_INTERVAL_MS = 30 * MINUTE

export interface BenchInstance {
  instance: TestInstance
  simulator: SimulatorProcess
  client: pg.Client
}

/** Listeners, and what runs of all their streams cost. */
export interface Connected {
  listeners: number
  before: Cost
  after: Cost
}

/** One look at the plays of everybody, planned for the same instant. */
export interface Round {
  listeners: number
  before: Cost
  after: Cost
  /** Milliseconds from when it was planned to when it had ended, loads included, by listener. */
  delays: number[]
  /** Looks that found new plays. */
  withPlays: number
  /** Looks that did not end well. */
  failed: number
  /** Milliseconds between the first and the last run that the plan wrote. */
  planningMs: number
  /** Seconds from the first run to the last end. */
  seconds: number
}

/** Connects listeners number `first` to `last` and lets their first runs come to their ends. */
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
  if (code !== 0) throw new Error('The listeners could not be connected.')
}

/** Lets half an hour go by at Spotify, plans a look at everybody's plays for this instant, and waits for all of them. */
export async function pollEveryone(stand: BenchInstance, listeners: number): Promise<Round> {
  const { instance, simulator, client } = stand
  const { at, before } = await makeDue(stand, POLL_INTERVAL_MS, [PERISHABLE])
  await waitFor(client, PLANNED_SINCE, listeners, [at])
  await waitUntilClosed(client)
  await clearSchedule(client)
  const looks = await client.query<{ delay: number; state: string; queued: number; ended: number }>(
    `select distinct on ("userId") state, extract(epoch from "endedAt" - $1)::float8 * 1000 as delay,
       extract(epoch from "queuedAt")::float8 * 1000 as queued, extract(epoch from "endedAt")::float8 * 1000 as ended
     from "StreamRun" where stream = $2 and "queuedAt" >= $1 and "endedAt" is not null order by "userId", "queuedAt"`,
    [at, PLAYS],
  )
  const queued = looks.rows.map((look) => look.queued)
  return {
    listeners,
    before,
    after: await costOf(instance, client, simulator),
    delays: looks.rows.map(({ delay }) => delay),
    withPlays: looks.rows.filter(({ state }) => state === 'succeeded').length,
    failed: looks.rows.filter(({ state }) => state !== 'succeeded' && state !== 'nothing_new').length,
    planningMs: Math.max(...queued) - Math.min(...queued),
    seconds: (Math.max(...looks.rows.map(({ ended }) => ended)) - Math.min(...queued)) / SECOND,
  }
}

/** The same for all streams, a day later. */
export async function runNextDay(stand: BenchInstance, listeners: number): Promise<Connected> {
  const { instance, simulator, client } = stand
  const { at, before } = await makeDue(stand, DAY, GROUPS)
  await waitFor(client, PLANNED_SINCE, listeners, [at])
  await waitUntilClosed(client)
  await clearSchedule(client)
  return { listeners, before, after: await costOf(instance, client, simulator) }
}

/** Lets time go by at Spotify and makes groups of streams due for everybody. @returns when, and what it had cost until then */
async function makeDue({ instance, simulator, client }: BenchInstance, later: number, groups: string[]) {
  await simulator.configure({ clock: { advanceSeconds: later / SECOND } })
  await waitForSecond(AFTER_TICK_S)
  const { rows } = await client.query<{ at: Date }>(
    `with due as (
       update "Schedule" set "nextAt" = date_trunc('milliseconds', now()) where "group" = any($1) returning "nextAt"
     ) select max("nextAt") as at from due`,
    [groups],
  )
  // What an idle instance costs until the tick comes is no cost of the looks.
  await waitForSecond(BEFORE_TICK_S)
  return { at: rows[0]?.at, before: await costOf(instance, client, simulator) }
}

/** What is planned by itself would come in between. */
async function clearSchedule(client: pg.Client): Promise<void> {
  await client.query(`update "Schedule" set "nextAt" = now() + interval '7 days'`)
}

/** Waits until clocks show this second of a minute; ticks of the plan come at its beginning. */
async function waitForSecond(second: number): Promise<void> {
  const within = Date.now() % MINUTE
  await pause((second * SECOND - within + MINUTE) % MINUTE)
}

/** Every run has ended, and what follows an end was done. */
async function waitUntilClosed(client: pg.Client): Promise<void> {
  await waitFor(client, 'select /* of the bench */ -count(*)::int as found from "Run" where "closedAt" is null', 0)
}

/** Asks rarely. Gives up when the next look would be due: whoever was not looked at by then was missed. */
async function waitFor(client: pg.Client, sql: string, wanted: number, values: unknown[] = []): Promise<void> {
  const deadline = Date.now() + POLL_INTERVAL_MS
  while (Date.now() < deadline) {
    const { rows } = await client.query<{ found: number }>(sql, values)
    if ((rows[0]?.found ?? Number.NEGATIVE_INFINITY) >= wanted) return
    await pause(POLL_EVERY_MS)
  }
}
