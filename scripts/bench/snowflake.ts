import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { DAY, MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import type { LoadFigures } from '#lib/warehouse/snowflake/load/load.bench.ts'
import { creditsPerMonth } from '#lib/warehouse/snowflake/setup/cost.ts'
import { setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { eventually } from '#testing/eventually.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { type RemoteSnowflake, remoteSnowflake } from '#testing/snowflake/remote.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER, runAgain, waitForNewestRun, withInstance, withSimulator } from './instances.ts'

const LOADER = join(import.meta.dirname, '..', '..', 'lib', 'warehouse', 'snowflake', 'load', 'load.bench.ts')
const SERVER = join(import.meta.dirname, '..', '..', 'testing', 'snowflake', 'server-process.ts')
const MEGABYTE = 1_000_000
/** Rows of each size: within one statement, in parts, through a file, and what the memory is measured with. */
const SIZES = [500, 3_000, 10_000, 50_000]
/** A statement on a running XS warehouse, its way there and back included: an assumption, stated beside the figure. */
const SECONDS_PER_STATEMENT = 0.5

async function withSnowflake<T>(work: (snowflake: RemoteSnowflake) => Promise<T>): Promise<T> {
  const server = spawn(process.execPath, [SERVER], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  try {
    const [url] = await once(createInterface({ input: server.stdout }), 'line', { signal: AbortSignal.timeout(MINUTE) })
    return await work(remoteSnowflake(String(url)))
  } finally {
    server.stdin.end()
    await ended
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
    const most = bytes > 5 * MEGABYTE ? 6 : Math.ceil(bytes / MEGABYTE) + 4
    return {
      name: `statements of a load of ${rows.toLocaleString('en')} rows`,
      value: statements,
      unit: '',
      target: { atMost: most },
      baseline: `${(bytes / MEGABYTE).toFixed(1)} MB of rows, ${(sent / MEGABYTE).toFixed(1)} MB sent, ${(ms / SECOND).toFixed(1)} s`,
      how: 'The real driver against the test server in a process of its own; liked songs with album and artists as JSON, overwriting a table that is there. Files are sent compressed.',
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
      how: 'Peak of the resident memory over what it was before the first use of the door, so the driver itself is part of it; looked at every 10 ms.',
    },
  ]
}

const Warehouse = z.object({
  key: z.object({ publicKey: z.string() }),
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

const NAMES = {
  user: 'TRACKLAKE',
  role: 'TRACKLAKE_ROLE',
  warehouse: 'TRACKLAKE_WH',
  database: 'TRACKLAKE',
  schema: 'RAW',
}

async function connect(visitor: Visitor, snowflake: RemoteSnowflake): Promise<void> {
  const { key } = await visitor.json('/api/warehouse', Warehouse)
  await snowflake.runScript(setupScript({ ...NAMES, publicKey: key.publicKey }))
  const form = { ...NAMES, account: 'TRACKLAKE-TEST', method: 'key pair', tokenEndsOn: null }
  const saved = await visitor.request('/api/warehouse', { method: 'PUT', json: form })
  const said = z.object({ saved: z.boolean() }).parse(await saved.json())
  if (!said.saved) throw new Error('The connection was not saved; nothing can be measured.')
}

/** Waits until the newest load has ended. @param count how many loads there are then at least */
function newestLoadEnds(visitor: Visitor, count: number): Promise<Load> {
  return eventually(async () => {
    await pause(200)
    const { loads } = await visitor.json('/api/warehouse', Warehouse)
    return loads.length >= count && loads[0]?.endedAt ? loads[0] : undefined
  }, 5 * MINUTE)
}

/** The listener with 10,000 liked songs: the load of everything, and that of the day after. */
function measureDays(snowflake: RemoteSnowflake): Promise<{ first: Load; second: Load }> {
  return withSimulator(0, (simulator) =>
    withInstance(simulator, { SNOWFLAKE_ENDPOINT: snowflake.url }, async ({ origin }) => {
      const visitor = new Visitor(origin)
      await signIn(visitor, LISTENER)
      await waitForNewestRun(visitor)
      await connect(visitor, snowflake)
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
  if (second.reads === 0) throw new Error('The load of the next day had nothing to load; it says nothing.')
  const work = second.statements * SECONDS_PER_STATEMENT
  const how = 'The simulated listener with 10,000 liked songs and 40 plays a day, a whole instance, the real driver.'
  const arithmetic = `${second.statements} statements at an assumed ${SECONDS_PER_STATEMENT} s each keep the warehouse at work for ${work.toFixed(0)} s; 365 / 12 starts × (${work.toFixed(0)} + 60) s at one credit an hour.`
  return [
    {
      name: 'statements of the first load',
      value: first.statements,
      unit: '',
      baseline: `${first.roundTrips} round trips, ${(first.bytes / MEGABYTE).toFixed(1)} MB`,
      how: `${how} Everything that the serving copy holds is copied, tables are made.`,
    },
    {
      name: 'statements of an ordinary load',
      value: second.statements,
      unit: '',
      baseline: `${second.roundTrips} round trips for ${second.reads} reads, ${(second.bytes / MEGABYTE).toFixed(2)} MB`,
      how: `${how} All that the run of the next day read, in one session; no definitions and no look-ups.`,
    },
    {
      name: 'credits a month, daily',
      value: creditsPerMonth('daily', work),
      unit: '',
      target: { atMost: 1 },
      baseline: `${creditsPerMonth('every extract', 10).toFixed(1)} credits for a load every 30 minutes`,
      how: arithmetic,
    },
  ]
}

export const snowflakePart: Part = {
  title: 'The listener’s own Snowflake',
  measure: () =>
    withSnowflake(async (snowflake) => [...(await measureSizes(snowflake)), ...(await measureMonth(snowflake))]),
}
