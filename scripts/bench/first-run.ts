import { z } from 'zod'
import { DAY, SECOND } from '#lib/core/clock.ts'
import { withClient } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import type { TestInstance } from '#testing/instances/instance.ts'
import { processOf, realDatabaseUrl } from '#testing/instances/real-instance.ts'
import { openConsent, Visitor } from '#testing/instances/visitor.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER, runAgain, waitForNewestRun, withInstance, withSimulator } from './instances.ts'
import { formatMemory, memoryOf } from './memory.ts'
import { totalOf } from './process-tree.ts'
import type { SimulatorProcess } from './simulator-process.ts'
import { quantile } from './timing.ts'

const LATENCY_MS = 80
/** The rolling window of the throttled run. */
const WINDOW = { seconds: 30, requests: 90 }

/** Seconds, from pressing "Agree" on the consent page. */
interface FirstRun {
  firstChart: number
  sixLists: number
  complete: number
  /** From the start of the first stream to the end of reading the last one. */
  extract: number
  /** Requests to the Web API, and how many of them were answered 429. */
  requests: number
  tooMany: number
}

const Charts = z.object({ charts: z.array(z.object({ rows: z.array(z.unknown()) })) })

/** Signs the listener in and waits for the first chart, the six top lists and the end of the run. */
async function firstRun(
  { origin, dataFolder }: TestInstance,
  simulator: SimulatorProcess,
  visitor = new Visitor(origin),
): Promise<FirstRun> {
  const agree = await openConsent(visitor, LISTENER)
  const before = await simulator.count()
  const start = performance.now()
  const seconds = () => (performance.now() - start) / SECOND
  const filled = (name: string, range: string) =>
    eventually(async () => {
      const { charts } = await visitor.json(`/api/charts?names=${name}&range=${range}`, Charts)
      return charts.every(({ rows }) => rows.length > 0)
    })
  await agree()
  await filled('top-tracks', 'short')
  const firstChart = seconds()
  for (const range of ['short', 'medium', 'long']) await filled('top-tracks,top-artists', range)
  const sixLists = seconds()
  await waitForNewestRun(visitor)
  const whole = seconds()
  const after = await simulator.count()
  return {
    firstChart,
    sixLists,
    complete: whole,
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

/** Before the whole reads of the seventh day. How much a day costs is a matter of which playlists changed on it. */
const NEXT_DAYS = 5

/** @returns how many requests the runs of the next days asked, the fewest first */
async function nextDays(visitor: Visitor, simulator: SimulatorProcess): Promise<number[]> {
  const asked: number[] = []
  for (let day = 0; day < NEXT_DAYS; day++) asked.push(await nextDay(visitor, simulator))
  return asked.toSorted((one, other) => one - other)
}

async function nextDay(visitor: Visitor, simulator: SimulatorProcess): Promise<number> {
  const before = await simulator.count()
  await simulator.configure({ clock: { advanceSeconds: DAY / SECOND } })
  await runAgain(visitor)
  const after = await simulator.count()
  return after.total - after.unauthorised - (before.total - before.unauthorised)
}

function unthrottled(simulator: SimulatorProcess) {
  return withInstance(simulator, {}, async (instance) => {
    const visitor = new Visitor(instance.origin)
    const first = await firstRun(instance, simulator, visitor)
    const memory = memoryOf(processOf(instance.dataFolder, 'supervisor') ?? 0)
    return { first, memory, dailyRequests: await nextDays(visitor, simulator) }
  })
}

async function measure(simulator: SimulatorProcess): Promise<Figure[]> {
  const { first, memory, dailyRequests } = await unthrottled(simulator)
  await simulator.configure({ reset: true })
  const single = await withInstance(simulator, { REQUESTS_IN_FLIGHT: '1', POOL_SLOTS: '1' }, (instance) =>
    firstRun(instance, simulator),
  )
  await simulator.configure({ reset: true, window: WINDOW })
  const throttled = await withInstance(simulator, {}, (instance) => firstRun(instance, simulator))
  return [
    ...speedFigures(first, single),
    {
      name: 'requests of a next day’s run',
      value: quantile(dailyRequests, 0.5),
      unit: 'requests',
      target: { atMost: 25 },
      baseline: `median of ${NEXT_DAYS} days with ${dailyRequests.join(', ')}; ${first.requests} on the first day`,
      how: 'The simulated clock is moved on by a day and the run is run again; every seventh day liked songs, albums and artists are read whole, which these are not. Answers 401 are left out: the app’s own clock has not moved, so it learns from them that its token is a day old. The simulated listener changes few playlists a day, none longer than 200 entries; each changed one is read whole, so long lists that change daily cost more.',
    },
    ...throttledFigures(throttled),
    ...(memory
      ? [
          {
            name: 'memory right after a first run',
            value: totalOf(memory),
            unit: 'MB' as const,
            baseline: formatMemory(memory),
            how: 'Proportional set size of all processes of the instance, as the run ends.',
          },
        ]
      : []),
  ]
}

function speedFigures(first: FirstRun, single: FirstRun): Figure[] {
  const from = 'From pressing "Agree" on the consent page, asked over HTTP again and again'
  return [
    {
      name: 'consent to first chart',
      value: first.firstChart,
      unit: 's',
      target: { atMost: 3 },
      how: `${from}, to an answer of /api/charts with rows.`,
    },
    {
      name: 'consent to all six top lists',
      value: first.sixLists,
      unit: 's',
      target: { atMost: 5 },
      how: `${from}, until tracks and artists of all three ranges have rows.`,
    },
    {
      name: 'consent to the end of the whole run',
      value: first.complete,
      unit: 's',
      baseline: `${first.requests} requests`,
      how: `${from}, until the run has ended.`,
    },
    {
      name: 'extract phase, speed-up by requests in flight',
      value: single.extract / first.extract,
      unit: '×',
      target: { atLeast: 1.8 },
      baseline: `${first.extract.toFixed(1)} s against ${single.extract.toFixed(1)} s with one request in flight (REQUESTS_IN_FLIGHT=1, POOL_SLOTS=1)`,
      how: 'The same app and listener twice, each in an instance of its own; from the start of the first stream to the end of reading the last one.',
    },
  ]
}

function throttledFigures({ complete: whole, requests: asked, tooMany }: FirstRun): Figure[] {
  const least = Math.floor((asked - tooMany - 1) / WINDOW.requests) * WINDOW.seconds
  const how = `The same run while the simulated Spotify lets ${WINDOW.requests} requests through in any ${WINDOW.seconds} s.`
  return [
    {
      name: 'throttled run against the least possible time',
      value: whole / least,
      unit: '×',
      target: { atMost: 1.2 },
      baseline: `${whole.toFixed(1)} s for ${asked - tooMany} requests, which need ${least} s`,
      how: `${how} The least possible time is floor((requests − 1) / ${WINDOW.requests}) × ${WINDOW.seconds} s.`,
    },
    {
      name: 'throttled run, requests answered 429',
      value: (tooMany / asked) * 100,
      unit: '%',
      target: { atMost: 5 },
      baseline: `${tooMany} of ${asked}`,
      how,
    },
  ]
}

export const firstRunPart: Part = {
  title: `First run of a listener with 10,000 saved tracks, ${LATENCY_MS} ms latency`,
  measure: () => withSimulator(LATENCY_MS, measure),
}
