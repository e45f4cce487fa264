import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, HOUR, SECOND } from '#lib/core/clock.ts'
import type { Row } from '#lib/core/table.ts'
import { streams } from '#lib/streams/index.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { withClient } from '#scripts/postgres.ts'
import { createApiObjects } from '#simulator/api/objects.ts'
import { createSimulation } from '#simulator/music/simulation.ts'
import { realDatabaseUrl } from '#testing/instances/real-instance.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER, runAgain, waitForNewestRun, withInstance, withSimulator } from './instances.ts'

const MEGABYTE = 1_000_000
const DAYS = 365
const WEEKS = 52

/** Landed bytes by stream. */
type Landed = Map<string, number>

/** What a first run lands, and what the next day's run lands. */
function measureLanding(): Promise<{ first: Landed; second: Landed }> {
  return withSimulator(0, (simulator) =>
    withInstance(simulator, {}, async ({ origin, dataFolder }) => {
      const visitor = new Visitor(origin)
      await signIn(visitor, LISTENER)
      await waitForNewestRun(visitor)
      await simulator.configure({ clock: { advanceSeconds: DAY / SECOND } })
      await runAgain(visitor)
      const [first = new Map(), second = new Map()] = await landedByRun(realDatabaseUrl(dataFolder))
      return { first, second }
    }),
  )
}

/** The runs of the only listener, oldest first. */
async function landedByRun(databaseUrl: string): Promise<Landed[]> {
  const sql = `
    select s."runId" as run, s.stream, s.bytes from "StreamRun" s join "Run" r on r.id = s."runId" order by r."queuedAt"`
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ run: string; stream: string; bytes: number }>(sql),
  )
  const runs = new Map<string, Landed>()
  for (const { run, stream, bytes } of rows) runs.set(run, (runs.get(run) ?? new Map()).set(stream, bytes))
  return [...runs.values()]
}

function sumOf(landed: Landed, include: (stream: string) => boolean): number {
  return [...landed].reduce((sum, [stream, bytes]) => (include(stream) ? sum + bytes : sum), 0)
}

/** A year of daily runs, weekly full re-syncs of the lists with change detection, and polls of recently played. */
function yearOf(first: Landed, second: Landed): { bytes: number; formula: string } {
  const withChangeDetection = new Set(streams.filter(({ changeDetection }) => changeDetection).map(({ name }) => name))
  const daily = sumOf(second, (stream) => stream !== recentlyPlayed.name)
  const weekly = sumOf(first, (stream) => withChangeDetection.has(stream))
  const poll = first.get(recentlyPlayed.name) ?? 0
  const polls = pollsWithNewPlays()
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  return {
    bytes: daily * DAYS + weekly * WEEKS + poll * polls,
    formula: `${kilobytes(daily)} × ${DAYS} days + ${kilobytes(weekly)} × ${WEEKS} weeks + ${kilobytes(poll)} × ${polls} polls with new plays`,
  }
}

const PRESENT = Date.UTC(2026, 10, 20)
const BATCH = 1_000

const simulation = createSimulation(1)
const objects = createApiObjects(simulation.catalog, 'https://api.spotify.com')

function musicOfListener() {
  const listener = simulation.listener(LISTENER)
  if (!listener) throw new Error(`The simulated Spotify has no listener ${LISTENER}.`)
  return simulation.music(listener, Date.now())
}

function playsSince(since: number) {
  return musicOfListener().plays(since, PRESENT, Number.POSITIVE_INFINITY)
}

/** The number of half hours in a year in which a play ended, so that a poll finds something new. */
function pollsWithNewPlays(): number {
  return new Set(playsSince(PRESENT - 365 * DAY).map(({ playedAt }) => Math.floor(playedAt / (HOUR / 2)))).size
}

/** Loads all plays of the listener into a new warehouse. @returns their number, and the size of the file */
async function loadPlays(): Promise<{ plays: number; bytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-bench-'))
  try {
    const file = join(folder, 'plays.duckdb')
    const warehouse = await openDuckdb(file)
    const { new: plays } = await warehouse.load({
      readId: 'plays',
      runId: 'bench',
      stream: recentlyPlayed.name,
      table: streamTable(recentlyPlayed),
      mode: 'merge',
      rows: playRows(),
    })
    await warehouse.close()
    return { plays, bytes: (await stat(file)).size }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* playRows(): AsyncGenerator<Row[]> {
  const plays = playsSince(0)
  for (let from = 0; from < plays.length; from += BATCH) {
    const items = plays.slice(from, from + BATCH).map(({ ref, playedAt }) => ({
      track: objects.track(ref),
      played_at: new Date(playedAt).toISOString(),
      context: null,
    }))
    const page = recentlyPlayed.page({ items })
    yield page.items.flatMap((item, index) => {
      const place = { rank: index + 1, syncedAt: new Date(PRESENT).toISOString(), part: null }
      const row = recentlyPlayed.row(item, place)
      return 'rejected' in row ? [] : [row]
    })
  }
}

async function measure(): Promise<Figure[]> {
  const { first, second } = await measureLanding()
  const year = yearOf(first, second)
  const { plays, bytes } = await loadPlays()
  return [
    {
      name: 'warehouse per play',
      value: bytes / plays,
      unit: 'bytes',
      target: { atMost: 120 },
      baseline: `${(bytes / MEGABYTE).toFixed(1)} MB for ${plays.toLocaleString('en')} plays`,
      how: 'Ten years of plays of the simulated listener, merged into an empty warehouse with all columns of the stream; size of the closed file. The target is for a million plays, which is more than the simulation has.',
    },
    {
      name: 'landed by a first run',
      value: sumOf(first, () => true) / MEGABYTE,
      unit: 'MB',
      how: 'Compressed responses of all streams of the listener with 10,000 liked songs.',
    },
    {
      name: 'landed per listener and year',
      value: year.bytes / MEGABYTE,
      unit: 'MB',
      target: { atMost: 50 },
      baseline: year.formula,
      how: 'Calculated from the run of a second day, a full re-sync once a week, and one response of recently played for every half hour in which the simulated listener finished a play.',
    },
  ]
}

export const dataPart: Part = { title: 'Size of the data', measure }
