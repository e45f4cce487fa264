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
import { startSimulator } from '#simulator/simulator.ts'
import { SPOTIFY_APP } from '#testing/instances/real-instance.ts'
import { LISTENER } from './instances.ts'

const PAGES = 1_000
const PAGE_ITEMS = 50

/** Milliseconds of each phase between landed answers and a committed table. */
export interface LandedPhases {
  pages: number
  rows: number
  totalMs: number
  phases: { read: number; parse: number; shape: number; stage: number; commit: number }
}

/** Loads 1,000 landed answers into an empty warehouse the way the pipeline does, with a clock beside each phase. */
export async function benchLanded(): Promise<LandedPhases> {
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

/** Lands the library of the simulated listener as often as needed, each time with other track ids. */
async function landPages(landing: Landing): Promise<string[]> {
  const simulator = await startSimulator({ port: 0, seed: 1, admin: true, ...SPOTIFY_APP })
  try {
    const order = JSON.stringify({ grant: { listener: LISTENER, scopes: ['user-library-read'] } })
    const headers = { 'content-type': 'application/json' }
    const given = await fetch(`${simulator.url}/admin`, { method: 'POST', headers, body: order })
    const { grant } = Grant.parse(await given.json())
    const paths: string[] = []
    const wholePages = 180 // of the listener's library, whose last page is not full
    for (let page = 0; page < PAGES; page++) {
      const url = `${simulator.url}/v1/me/tracks?limit=${PAGE_ITEMS}&offset=${(page % wholePages) * PAGE_ITEMS}`
      const answer = await fetch(url, { headers: { authorization: `Bearer ${grant.access_token}` } })
      const body = SavedTracksPage.parse(await answer.json())
      const round = Math.floor(page / wholePages)
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
      const begun = performance.now()
      const text = await landing.get(path)
      const read = performance.now()
      const body: unknown = JSON.parse(text)
      const parsed = performance.now()
      const batch = shape(body, page)
      const shaped = performance.now()
      phases.read += read - begun
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
