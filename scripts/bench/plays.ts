import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, HOUR } from '#lib/core/clock.ts'
import type { Row } from '#lib/core/table.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { createApiObjects } from '#simulator/api/objects.ts'
import { createSimulation } from '#simulator/music/simulation.ts'
import { LISTENER } from './instances.ts'

/** The plays of the simulated listener of ten years, without asking for them over HTTP. */

const PRESENT = Date.UTC(2026, 10, 20)
const BATCH = 1_000

const simulation = createSimulation(1)
const objects = createApiObjects(simulation.catalog, 'https://api.spotify.com')

function musicOfListener() {
  const listener = simulation.listener(LISTENER)
  if (!listener) throw new Error(`The simulated Spotify does not know ${LISTENER}.`)
  return simulation.music(listener)
}

function playsSince(since: number) {
  return musicOfListener().plays(since, PRESENT, Number.POSITIVE_INFINITY)
}

/** In how many half hours of a year a play ended: so many looks at recently played find something new. */
export function pollsWithNewPlays(): number {
  return new Set(playsSince(PRESENT - 365 * DAY).map(({ playedAt }) => Math.floor(playedAt / (HOUR / 2)))).size
}

/** Loads all plays of the listener into a new warehouse, at once. @returns how many, and the size of its file */
export async function loadPlays(): Promise<{ plays: number; bytes: number }> {
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
