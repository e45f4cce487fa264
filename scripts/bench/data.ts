import { DAY, SECOND } from '#lib/core/clock.ts'
import { streams } from '#lib/streams/index.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { withClient } from '#scripts/postgres.ts'
import { realDatabaseUrl } from '#testing/instances/real-instance.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER, runAgain, waitForNewestRun, withInstance, withSimulator } from './instances.ts'
import { loadPlays, pollsWithNewPlays } from './plays.ts'

const MEGABYTE = 1_000_000
const DAYS = 365
const WEEKS = 52

/** Bytes landed by each stream. */
type Landed = Map<string, number>

/** What a first run lands, and what the run of the day after lands. */
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

function sumOf(landed: Landed, wanted: (stream: string) => boolean): number {
  return [...landed].reduce((sum, [stream, bytes]) => (wanted(stream) ? sum + bytes : sum), 0)
}

/** A year of daily runs, of weekly whole reads of the lists that are else read at their head, and of looks at plays. */
function yearOf(first: Landed, second: Landed): { bytes: number; words: string } {
  const atHead = new Set(streams.filter(({ changeDetection: headTells }) => headTells).map(({ name }) => name))
  const daily = sumOf(second, (stream) => stream !== recentlyPlayed.name)
  const weekly = sumOf(first, (stream) => atHead.has(stream))
  const look = first.get(recentlyPlayed.name) ?? 0
  const looks = pollsWithNewPlays()
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  return {
    bytes: daily * DAYS + weekly * WEEKS + look * looks,
    words: `${kilobytes(daily)} × ${DAYS} days + ${kilobytes(weekly)} × ${WEEKS} weeks + ${kilobytes(look)} × ${looks} looks with new plays`,
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
      how: 'The ten years of the simulated listener, merged into an empty warehouse with all columns of the stream; size of the closed file. The target is meant for a million plays; so many have not been simulated.',
    },
    {
      name: 'landed by a first run',
      value: sumOf(first, () => true) / MEGABYTE,
      unit: 'MB',
      how: 'Compressed answers of all streams of the listener with 10,000 saved tracks.',
    },
    {
      name: 'landed per listener and year',
      value: year.bytes / MEGABYTE,
      unit: 'MB',
      target: { atMost: 50 },
      baseline: year.words,
      how: 'Arithmetic: what the run of a second day lands, what whole reads once a week land, and one answer of recently played for every half hour in which the simulated listener ended a play.',
    },
  ]
}

export const dataPart: Part = { title: 'Size of the data', measure }
