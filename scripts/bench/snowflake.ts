import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { DAY, MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import type { LoadFigures } from '#lib/warehouse/snowflake/load/load.bench.ts'
import { creditsPerMonth } from '#lib/warehouse/snowflake/setup/cost.ts'
import { eventually } from '#testing/eventually.ts'
import { connectSnowflake } from '#testing/instances/snowflake-listener.ts'
import { startSnowflake } from '#testing/instances/snowflake-process.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { type RemoteSnowflake, remoteSnowflake } from '#testing/snowflake/remote.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER, runAgain, waitForNewestRun, withInstance, withSimulator } from './instances.ts'

const LOADER = join(import.meta.dirname, '..', '..', 'lib', 'warehouse', 'snowflake', 'load', 'load.bench.ts')
const MEGABYTE = 1_000_000
/** Number of rows: in one statement, in several, through a file, and for measuring memory. */
const SIZES = [500, 3_000, 10_000, 50_000]
/** Per statement on a running XS warehouse, including the round trip: an assumption that the report states. */
const SECONDS_PER_STATEMENT = 0.5

async function withSnowflake<T>(work: (snowflake: RemoteSnowflake) => Promise<T>): Promise<T> {
  const server = await startSnowflake()
  try {
    return await work(remoteSnowflake(server.url))
  } finally {
    await server.stop()
  }
}

async function loadOf(snowflake: RemoteSnowflake, rows: number): Promise<LoadFigures> {
  const options = JSON.stringify(await newListener(snowflake))
  const child = spawn(process.execPath, [LOADER, options, String(rows)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line', {
    signal: AbortSignal.timeout(5 * MINUTE),
  })
  return JSON.parse(String(line)) as LoadFigures
}

async function measureSizes(snowflake: RemoteSnowflake): Promise<Figure[]> {
  const loads: LoadFigures[] = []
  for (const rows of SIZES) loads.push(await loadOf(snowflake, rows))
  const figures = loads.map(({ rows, bytes, sent, statements, ms }): Figure => {
    const max = bytes > 5 * MEGABYTE ? 6 : Math.ceil(bytes / MEGABYTE) + 4
    return {
      name: `statements of a load of ${rows.toLocaleString('en')} rows`,
      value: statements,
      unit: '',
      target: { atMost: max },
      baseline: `${(bytes / MEGABYTE).toFixed(1)} MB of rows, ${(sent / MEGABYTE).toFixed(1)} MB sent, ${(ms / SECOND).toFixed(1)} s`,
      how: 'The real driver with the test server in its own process; liked songs with album and artists as JSON, overwriting an existing table. Files are sent compressed.',
    }
  })
  const largest = loads.at(-1)
  return [
    ...figures,
    {
      name: 'memory while 50,000 rows are loaded',
      value: largest?.grownMb ?? Number.NaN,
      unit: 'MB',
      target: { atMost: 150 },
      how: 'Peak resident memory compared with before the first use of the warehouse, so it includes the driver; sampled every 10 ms.',
    },
  ]
}

const Warehouse = z.object({
  loads: z.array(
    z.object({
      endedAt: z.string().nullable(),
      reads: z.number(),
      statements: z.number(),
      roundTrips: z.number(),
      bytes: z.number(),
      seconds: z.number(),
    }),
  ),
})
type Load = z.infer<typeof Warehouse>['loads'][number]

/** Waits until the newest load has ended. @param count the minimum number of loads by then */
function newestLoadEnds(visitor: Visitor, count: number): Promise<Load> {
  return eventually(async () => {
    await pause(200)
    const { loads } = await visitor.json('/api/warehouse', Warehouse)
    return loads.length >= count && loads[0]?.endedAt ? loads[0] : undefined
  }, 5 * MINUTE)
}

/** Measures the first load of the listener with 10,000 liked songs, and the next day's. */
function measureDays(snowflake: RemoteSnowflake): Promise<{ first: Load; second: Load }> {
  return withSimulator(0, (simulator) =>
    withInstance(simulator, { SNOWFLAKE_ENDPOINT: snowflake.url }, async ({ origin }) => {
      const visitor = new Visitor(origin)
      await signIn(visitor, LISTENER)
      await waitForNewestRun(visitor)
      await connectSnowflake(visitor, snowflake.url, LISTENER)
      const first = await newestLoadEnds(visitor, 1)
      await simulator.configure({ clock: { advanceSeconds: DAY / SECOND } })
      await runAgain(visitor)
      await visitor.request('/api/warehouse/load', { method: 'POST' })
      return { first, second: await newestLoadEnds(visitor, 2) }
    }),
  )
}

async function measureMonth(snowflake: RemoteSnowflake): Promise<Figure[]> {
  const { first, second } = await measureDays(snowflake)
  if (second.reads === 0) throw new Error("The next day's load had nothing to load, so it can't be measured.")
  const work = second.statements * SECONDS_PER_STATEMENT
  const how = 'The simulated listener with 10,000 liked songs and 40 plays a day, a complete instance, the real driver.'
  const arithmetic = `${second.statements} statements at an assumed ${SECONDS_PER_STATEMENT} s each keep the warehouse busy for ${work.toFixed(0)} s; 365 / 12 starts × (${work.toFixed(0)} + 60) s at one credit an hour.`
  return [
    {
      name: 'statements of the first load',
      value: first.statements,
      unit: '',
      baseline: `${first.roundTrips} round trips, ${(first.bytes / MEGABYTE).toFixed(1)} MB`,
      how: `${how} Creates the tables and copies everything from the embedded copy.`,
    },
    {
      name: 'statements of an ordinary load',
      value: second.statements,
      unit: '',
      baseline: `${second.roundTrips} round trips for ${second.reads} reads, ${(second.bytes / MEGABYTE).toFixed(2)} MB`,
      how: `${how} Everything that the next day’s run read, and the models, in one session; no definitions and no lookups.`,
    },
    {
      name: 'credits a month, daily',
      value: creditsPerMonth('daily', work),
      unit: '',
      target: { atMost: 1 },
      baseline: `${creditsPerMonth('every extract', work).toFixed(1)} credits for a load every 30 minutes`,
      how: arithmetic,
    },
  ]
}

export const snowflakePart: Part = {
  title: 'External Snowflake',
  measure: () =>
    withSnowflake(async (snowflake) => [...(await measureSizes(snowflake)), ...(await measureMonth(snowflake))]),
}
