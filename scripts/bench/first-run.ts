import { z } from 'zod'
import { DAY, MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { withClient } from '#scripts/postgres.ts'
import type { TestInstance } from '#testing/instances/instance.ts'
import { processOf, realDatabaseUrl } from '#testing/instances/real-instance.ts'
import { openConsent, Visitor } from '#testing/instances/visitor.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER, runAgain, waitForNewestRun, withInstance, withSimulator } from './instances.ts'
import { formatMemory, memoryOf, totalOf } from './process-tree.ts'
import type { SimulatorProcess } from './simulator-process.ts'
import { quantile } from './timing.ts'

const LATENCY_MS = 80
/** The rolling rate limit of the throttled run. */
const WINDOW = { seconds: 30, requests: 90 }

/** In seconds from pressing "Agree" on the consent page. */
interface FirstRun {
  firstChart: number
  sixLists: number
  complete: number
  /** From the start of the first stream to the last page of the last one. */
  extract: number
  /** Requests to the Web API, and how many of them got a 429. */
  requests: number
  tooMany: number
}

/** Seldom enough that the requests themselves don't slow the first chart down; browsers poll less often. */
const POLL_EVERY_MS = 50
const LIMIT_MS = 2 * MINUTE
/** Another listener, for whom the code has run before. */
const SECOND_LISTENER = 'load-1'

const Charts = z.object({ charts: z.array(z.object({ rows: z.array(z.unknown()) })) })

/** Signs in the listener and waits for the first chart, the six top lists and the end of the run. */
export async function firstRun(
  { origin, dataFolder }: TestInstance,
  simulator: SimulatorProcess,
  { visitor = new Visitor(origin), listener = LISTENER } = {},
): Promise<FirstRun> {
  const agree = await openConsent(visitor, listener)
  const before = await simulator.count()
  const start = performance.now()
  const seconds = () => (performance.now() - start) / SECOND
  const filled = async (name: string, range: string) => {
    const isFilled = async () => {
      const { charts } = await visitor.json(`/api/charts?names=${name}&range=${range}`, Charts)
      return charts.every(({ rows }) => rows.length > 0)
    }
    while (!(await isFilled())) {
      if (performance.now() - start > LIMIT_MS) throw new Error(`${name} stayed empty.`)
      await pause(POLL_EVERY_MS)
    }
  }
  await agree()
  await filled('top-tracks', 'short')
  const firstChart = seconds()
  for (const range of ['short', 'medium', 'long']) await filled('top-tracks,top-artists', range)
  const sixLists = seconds()
  await waitForNewestRun(visitor)
  const complete = seconds()
  const after = await simulator.count()
  return {
    firstChart,
    sixLists,
    complete,
    extract: await extractSeconds(dataFolder),
    requests: after.total - before.total,
    tooMany: after.tooMany - before.tooMany,
  }
}

async function extractSeconds(dataFolder: string): Promise<number> {
  const sql = `select extract(epoch from max("extractedAt") - min("startedAt"))::float8 as seconds from "StreamRun"`
  const { rows } = await withClient(realDatabaseUrl(dataFolder), (client) => client.query<{ seconds: number }>(sql))
  return rows[0]?.seconds ?? Number.NaN
}

/** Several days, because the cost depends on which playlists changed; fewer than seven, to exclude full re-syncs. */
const NEXT_DAYS = 5

/** @returns the number of requests in each of the next days' runs, lowest first */
async function nextDays(visitor: Visitor, simulator: SimulatorProcess): Promise<number[]> {
  const requests: number[] = []
  for (let day = 0; day < NEXT_DAYS; day++) requests.push(await nextDay(visitor, simulator))
  return requests.toSorted((a, b) => a - b)
}

/** Runs everything again a day later. @returns the number of requests to Spotify */
export async function nextDay(visitor: Visitor, simulator: SimulatorProcess): Promise<number> {
  const before = await simulator.count()
  await simulator.configure({ clock: { advanceSeconds: DAY / SECOND } })
  await runAgain(visitor)
  const after = await simulator.count()
  return after.total - after.unauthorised - (before.total - before.unauthorised)
}

function unthrottled(simulator: SimulatorProcess) {
  return withInstance(simulator, {}, async (instance) => {
    const visitor = new Visitor(instance.origin)
    const first = await firstRun(instance, simulator, { visitor })
    const memory = memoryOf(processOf(instance.dataFolder, 'supervisor') ?? 0)
    const second = await firstRun(instance, simulator, { listener: SECOND_LISTENER })
    return { first, second, memory, dailyRequests: await nextDays(visitor, simulator) }
  })
}

async function measure(simulator: SimulatorProcess): Promise<Figure[]> {
  const { first, second, memory, dailyRequests } = await unthrottled(simulator)
  await simulator.configure({ reset: true })
  const single = await withInstance(simulator, { REQUESTS_IN_FLIGHT: '1', POOL_SLOTS: '1' }, (instance) =>
    firstRun(instance, simulator),
  )
  await simulator.configure({ reset: true, window: WINDOW })
  const throttled = await withInstance(simulator, {}, (instance) => firstRun(instance, simulator))
  return [
    ...speedFigures(first, second, single),
    {
      name: 'requests of a next day’s run',
      value: quantile(dailyRequests, 0.5),
      unit: 'requests',
      target: { atMost: 25 },
      baseline: `median of ${NEXT_DAYS} days with ${dailyRequests.join(', ')}; ${first.requests} on the first day`,
      how: 'The simulated clock moves on by a day and the run is repeated; these days have no full re-sync of liked songs, albums and artists, which happens every seventh day. Responses 401 are excluded: the clock of the app has not moved, so it needs them to learn that its token is a day old. The simulated listener changes few playlists a day, none longer than 200 entries. A changed playlist is read completely, so long ones that change daily cost more.',
    },
    ...throttledFigures(throttled),
    ...(memory
      ? [
          {
            name: 'memory right after a first run',
            value: totalOf(memory),
            unit: 'MB' as const,
            baseline: formatMemory(memory),
            how: 'Proportional set size of all processes of the instance at the end of the run.',
          },
        ]
      : []),
  ]
}

function speedFigures(first: FirstRun, second: FirstRun, single: FirstRun): Figure[] {
  const from = `From pressing "Agree" on the consent page, polled over HTTP every ${POLL_EVERY_MS} ms`
  return [
    {
      name: 'consent to first chart',
      value: first.firstChart,
      unit: 's',
      target: { atMost: 1 },
      how: `${from}, by the first listener of a new instance, until /api/charts returns rows.`,
    },
    {
      name: 'consent to first chart, second listener',
      value: second.firstChart,
      unit: 's',
      target: { atMost: 1 },
      how: `${from}, by another listener of the same instance, for whom no code runs the first time.`,
    },
    {
      name: 'consent to all six top lists',
      value: first.sixLists,
      unit: 's',
      target: { atMost: 5 },
      how: `${from}, until tracks and artists of all three ranges have rows.`,
    },
    {
      name: 'consent to the end of the run',
      value: first.complete,
      unit: 's',
      baseline: `${first.requests} requests`,
      how: `${from}, until the run has ended.`,
    },
    {
      name: 'extract phase, speedup by concurrent requests',
      value: single.extract / first.extract,
      unit: '×',
      target: { atLeast: 1.8 },
      baseline: `${first.extract.toFixed(1)} s, compared with ${single.extract.toFixed(1)} s with one request at a time (REQUESTS_IN_FLIGHT=1, POOL_SLOTS=1)`,
      how: 'The same app and listener twice, in separate instances; from the start of the first stream to the last page of the last one.',
    },
  ]
}

function throttledFigures({ complete, requests, tooMany }: FirstRun): Figure[] {
  const minimum = Math.floor((requests - tooMany - 1) / WINDOW.requests) * WINDOW.seconds
  const how = `The same run while the simulated Spotify allows ${WINDOW.requests} requests in any ${WINDOW.seconds} s.`
  return [
    {
      name: 'throttled run, compared with the minimum time',
      value: complete / minimum,
      unit: '×',
      target: { atMost: 1.2 },
      baseline: `${complete.toFixed(1)} s for ${requests - tooMany} requests, which need ${minimum} s`,
      how: `${how} The minimum time is floor((requests − 1) / ${WINDOW.requests}) × ${WINDOW.seconds} s.`,
    },
    {
      name: 'throttled run, requests with a 429',
      value: (tooMany / requests) * 100,
      unit: '%',
      target: { atMost: 5 },
      baseline: `${tooMany} of ${requests}`,
      how,
    },
  ]
}

export const firstRunPart: Part = {
  title: `First run of a listener with 10,000 liked songs, ${LATENCY_MS} ms latency`,
  measure: () => withSimulator(LATENCY_MS, measure),
}
