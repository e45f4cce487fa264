import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Row } from '#lib/core/table.ts'
import { folderLanding } from '#lib/landing/folder.ts'
import type { Landing } from '#lib/landing/landing.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { benchLoad } from '#lib/warehouse/duckdb/load/load.bench.ts'
import { startSimulator } from '#simulator/simulator.ts'
import { SPOTIFY_APP } from '#testing/instances/real-instance.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER } from './instances.ts'

async function measureRows(): Promise<Figure[]> {
  const bench = await benchLoad()
  const size = `${bench.rows.toLocaleString('en')} rows of ${bench.columns} columns`
  const how = `${size}, median of three rounds in new files.`
  return [
    {
      name: 'load from memory, compared with the bare appender',
      value: bench.ratio,
      unit: '×',
      target: { atMost: 2.5 },
      baseline: `${Math.round(bench.firstLoadMs)} ms, compared with ${Math.round(bench.bareAppenderMs)} ms`,
      how: `${how} The baseline only appends the same rows with DuckDB’s appender and commits.`,
    },
    { name: 'the same rows again', value: bench.sameAgainMs, unit: 'ms', how: `${how} Nothing is written.` },
    { name: 'one row changed', value: bench.oneRowChangedMs, unit: 'ms', how },
    { name: 'top list of 50', value: bench.topListMs, unit: 'ms', how: 'Median of 20 loads.' },
    {
      name: 'query of the warehouse',
      value: bench.queryMs.p95,
      unit: 'ms',
      baseline: `median ${bench.queryMs.median.toFixed(1)} ms`,
      how: 'p95 of 200 grouped queries of a table of 50 rows, within the process.',
    },
  ]
}

const PAGES = 1_000
const PAGE_ITEMS = 50

/** Milliseconds of each phase from landed responses to a committed table. */
interface LandedPhases {
  pages: number
  rows: number
  totalMs: number
  phases: { read: number; parse: number; shape: number; stage: number; commit: number }
}

/** Loads 1,000 landed responses into an empty warehouse as a sync does, and measures each phase. */
async function benchLanded(): Promise<LandedPhases> {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-bench-'))
  try {
    const landing = folderLanding(join(folder, 'landing'))
    const paths = await landPages(landing)
    return await loadLanded(landing, paths, join(folder, 'landed.duckdb'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const Grant = z.object({ grant: z.object({ access_token: z.string() }) })
const SavedTracksPage = z.looseObject({
  items: z.array(z.looseObject({ track: z.looseObject({ id: z.string(), uri: z.string() }) })).length(PAGE_ITEMS),
})

/** Lands the library of the simulated listener as often as needed, each time with different track ids. */
async function landPages(landing: Landing): Promise<string[]> {
  const simulator = await startSimulator({ port: 0, seed: 1, admin: true, ...SPOTIFY_APP })
  try {
    const order = JSON.stringify({ grant: { listener: LISTENER, scopes: ['user-library-read'] } })
    const headers = { 'content-type': 'application/json' }
    const granted = await fetch(`${simulator.url}/admin`, { method: 'POST', headers, body: order })
    const { grant } = Grant.parse(await granted.json())
    const paths: string[] = []
    const fullPages = 180 // the last page of the library has fewer items
    for (let page = 0; page < PAGES; page++) {
      const url = `${simulator.url}/v1/me/tracks?limit=${PAGE_ITEMS}&offset=${(page % fullPages) * PAGE_ITEMS}`
      const response = await fetch(url, { headers: { authorization: `Bearer ${grant.access_token}` } })
      const body = SavedTracksPage.parse(await response.json())
      const round = Math.floor(page / fullPages)
      for (const { track } of body.items) {
        track.id = `${track.id.slice(0, -1)}${round}`
        track.uri = `spotify:track:${track.id}`
      }
      const path = `${page}.json.gz`
      await landing.put(path, JSON.stringify(body))
      paths.push(path)
    }
    return paths
  } finally {
    await simulator.stop()
  }
}

async function loadLanded(landing: Landing, paths: string[], file: string): Promise<LandedPhases> {
  const phases = { read: 0, parse: 0, shape: 0, stage: 0, commit: 0 }
  let rowsDoneAt = 0

  async function* rows(): AsyncGenerator<Row[]> {
    for (const [page, path] of paths.entries()) {
      const start = performance.now()
      const text = await landing.get(path)
      const read = performance.now()
      const body: unknown = JSON.parse(text)
      const parsed = performance.now()
      const batch = shape(body, page)
      const shaped = performance.now()
      phases.read += read - start
      phases.parse += parsed - read
      phases.shape += shaped - parsed
      yield batch
    }
    rowsDoneAt = performance.now()
  }

  const warehouse = await openDuckdb(file)
  const load = { readId: 'bench', runId: 'bench', stream: savedTracks.name, table: streamTable(savedTracks) }
  const start = performance.now()
  const counts = await warehouse.load({ ...load, mode: 'overwrite', rows: rows() })
  const end = performance.now()
  await warehouse.close()
  const totalMs = end - start
  phases.commit = end - rowsDoneAt
  phases.stage = totalMs - phases.read - phases.parse - phases.shape - phases.commit
  return { pages: paths.length, rows: counts.new, totalMs, phases }
}

function shape(body: unknown, page: number): Row[] {
  const syncedAt = '2026-11-20T12:00:00.000Z'
  return savedTracks.page(body).items.flatMap((item, index) => {
    const row = savedTracks.row(item, { rank: page * PAGE_ITEMS + index + 1, syncedAt, part: null })
    return 'rejected' in row ? [] : [row]
  })
}

async function measureLanded(): Promise<Figure[]> {
  const { pages, rows, totalMs, phases } = await benchLanded()
  const how = `${pages.toLocaleString('en')} landed pages of 50 liked songs, ${rows.toLocaleString('en')} rows, into an empty warehouse.`
  const shares: [keyof typeof phases, string][] = [
    ['read', 'read and unpack'],
    ['parse', 'parse'],
    ['shape', 'validate and shape into rows'],
    ['stage', 'stage'],
    ['commit', 'compare, write and commit'],
  ]
  return [
    { name: 'landed objects to a committed table', value: totalMs, unit: 'ms', how },
    ...shares.map(([phase, label]) => ({
      name: `of it: ${label}`,
      value: (phases[phase] / totalMs) * 100,
      unit: '%' as const,
      baseline: `${Math.round(phases[phase])} ms`,
      how,
    })),
  ]
}

export const loadPart: Part = {
  title: 'Loading',
  measure: async () => [...(await measureRows()), ...(await measureLanded())],
}
