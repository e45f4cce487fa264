import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Row } from '#lib/core/table.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { createApiObjects } from '#simulator/api/objects.ts'
import { createSimulation } from '#simulator/music/simulation.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER } from './instances.ts'
import { measureLandingYear } from './landing-year.ts'

const MEGABYTE = 1_000_000
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
  const { plays, bytes } = await loadPlays()
  return [
    {
      name: 'table of plays, per play',
      value: bytes / plays,
      unit: 'bytes',
      target: { atMost: 120 },
      baseline: `${(bytes / MEGABYTE).toFixed(1)} MB for ${plays.toLocaleString('en')} plays`,
      how: 'Ten years of plays of the simulated listener, merged into an empty warehouse; size of the closed file. With models and music: see Models.',
    },
    ...(await measureLandingYear()),
  ]
}

export const dataPart: Part = { title: 'Size of the data', measure }
