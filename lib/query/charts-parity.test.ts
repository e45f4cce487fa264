import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chart, isOpen, type Subject } from '#lib/charts/chart.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { type ChartName, chartNames, charts } from '#lib/charts/index.ts'
import { calendarOf } from '#lib/core/period.ts'
import type { Row, Table } from '#lib/core/table.ts'
import { buildModels } from '#lib/models/build.ts'
import { buildExternalModels } from '#lib/models/build-external.ts'
import { listening, loadRows, SONGS } from '#lib/models/fixtures.ts'
import { followedArtists } from '#lib/streams/followed-artists.ts'
import { playlistItems } from '#lib/streams/playlist-items.ts'
import { playlists } from '#lib/streams/playlists.ts'
import { savedAlbums } from '#lib/streams/saved-albums.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { historyTable, type Stream, streamTable } from '#lib/streams/stream.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import type { EmbeddedWarehouse, ExternalWarehouse, Warehouse } from '#lib/warehouse/warehouse.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import { cutPage, readChartQuery } from './chart-query.ts'
import { existingTables, queryWarehouse } from './run-query.ts'

// Charts with open parameters give the same rows in every warehouse: in every order, on the next page, found by a search,
// about one thing, and compared with another period.
const ZONE = 'Europe/Berlin'
const NOW = new Date('2026-04-02T12:00:00.000Z')
const CALENDAR = calendarOf({ zone: ZONE, weekStart: 7 }, '2025-10-20', NOW)
type Request = Record<string, string>

const PERIODS: Request[] = [
  { from: '2025-10-20', to: '2026-03-10' },
  { from: '2025-11-01', to: '2025-11-30', compare: 'previous' },
  { from: '2020-01-01', to: '2026-04-02', compare: 'last-year' },
]
const IDS: Record<Subject, string> = {
  track: 'a',
  artist: 'artist-1',
  album: 'album-1',
  playlist: 'list-1',
  year: '2025',
  genre: 'rock',
  chart: 'regional-global-weekly',
}

/** The requests that together use everything a chart has. */
function requestsOf(chart: Chart): Request[] {
  const { period, about = [], mayBeAbout = [], list } = chart
  const subjects = [...(about.length > 0 ? [] : [{}]), ...[...about, ...mayBeAbout].map((one) => ({ [one]: IDS[one] }))]
  const bases = everyParams(chart.params).flatMap((params) =>
    subjects.flatMap((subject) =>
      (period ? PERIODS : [{}]).map((days): Request => ({ ...params, ...subject, ...days })),
    ),
  )
  const [first = {}] = bases
  const sorts = (list?.sorts ?? []).map((sort): Request => ({ ...first, sort }))
  const searches = list?.searchable ? ['U', '%', "'", 'of'].map((search): Request => ({ ...first, search })) : []
  return [...bases, ...sorts, ...searches]
}

const names = chartNames.filter((name) => isOpen(charts[name]))

let duckdb: EmbeddedWarehouse
let snowflake: ExternalWarehouse
let close: () => Promise<void>
const tables = new Map<Warehouse, Set<string>>()

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-parity-'))
  const server = await startSnowflakeServer()
  duckdb = await openDuckdb(join(folder, 'parity.duckdb'))
  snowflake = openSnowflake(await newListener(server))
  close = async () => {
    await Promise.all([duckdb.close(), snowflake.close()])
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  for (const warehouse of [duckdb, snowflake]) {
    await loadLibrary(warehouse)
    await loadRows(warehouse, plays())
  }
  await buildModels(duckdb, { now: () => NOW })
  await buildExternalModels(snowflake, { now: () => NOW })
  for (const warehouse of [duckdb, snowflake]) tables.set(warehouse, await existingTables(warehouse))
}, 120_000)
afterAll(() => close())

/** Without the tables that `loadLibrary` fills. */
function plays(): Record<string, Row[]> {
  return Object.fromEntries(
    Object.entries(listening()).filter(([name]) => !/^user_(saved|followed|playlist)/.test(name)),
  )
}

/** Three reads of each list, between which entries appear, disappear and move. */
async function loadLibrary(warehouse: Warehouse): Promise<void> {
  for (const stream of [savedTracks, savedAlbums, followedArtists, playlists, playlistItems] as Stream[])
    for (const [read, day] of ['2026-03-01', '2026-03-02', '2026-03-05'].entries())
      await readList(warehouse, stream, read, day)
}

async function readList(warehouse: Warehouse, stream: Stream, read: number, day: string): Promise<void> {
  const table = streamTable(stream)
  const history = historyTable(stream)
  if (!history || stream.history?.kind !== 'changes') throw new Error(`${stream.name} has no history of changes`)
  const rows = Array.from({ length: 9 }, (_, at) => listRow(table, at + (at > 3 ? read : 0), at))
  await warehouse.load(
    loadOf(rows, {
      table,
      mode: stream.load,
      history: { ...stream.history, table: history, seenAt: `${day}T12:00:00.000Z` },
      ...(stream.load === 'replace part' ? { parts: { column: 'playlist_id', values: ['list-1', 'list-2'] } } : {}),
    }),
  )
}

function listRow(table: Table, entry: number, position: number): Row {
  const song = SONGS[entry] ?? `liked-${entry}`
  const id = table.name.includes('album') ? `album-${entry}` : table.name.includes('artist') ? `artist-${entry}` : song
  const known: Row = {
    id: table.name.includes('playlists') ? `list-${entry}` : id,
    playlist_id: `list-${1 + (position % 2)}`,
    position,
    rank: position + 1,
    track_id: entry % 5 === 4 ? null : song,
    uri: entry % 4 === 3 ? null : `spotify:track:${song}`,
    name: entry % 6 === 5 ? null : `${entry % 2 ? 'Über' : '100% of'} it’s ${entry}`,
    item_type: entry % 5 === 4 ? 'episode' : 'track',
    is_local: entry % 7 === 6,
    items_total: entry,
    duration_ms: 1_000 * entry,
    added_at: entry % 3 ? `2026-02-0${1 + (entry % 9)}T23:30:00.000Z` : null,
    synced_at: '2026-03-05T12:00:00.000Z',
  }
  return Object.fromEntries(Object.keys(table.columns).map((column) => [column, known[column] ?? null]))
}

async function rowsOf(warehouse: Warehouse, name: ChartName, request: Request) {
  const chart: Chart = charts[name]
  const query = readChartQuery(chart, request, CALENDAR)
  const existing = tables.get(warehouse)
  const rows = await queryWarehouse(warehouse, chart, { query, zone: ZONE, ...(existing ? { tables: existing } : {}) })
  return cutPage(chart, query, rows)
}

test.for(names)('%s', { timeout: 60_000 }, async (name) => {
  const chart: Chart = charts[name]
  let filled = 0
  for (const request of requestsOf(chart)) {
    const expected = await rowsOf(duckdb, name, request)
    filled += expected.rows.length
    expect({ request, ...(await rowsOf(snowflake, name, request)) }).toEqual({ request, ...expected })
    if (!chart.list) continue
    const page = { ...request, limit: '3' }
    const { next } = await rowsOf(duckdb, name, page)
    const more = { ...page, ...(next ? { cursor: next } : {}) }
    expect({ more, ...(await rowsOf(snowflake, name, more)) }).toEqual({
      more,
      ...(await rowsOf(duckdb, name, more)),
    })
  }
  expect(filled).toBeGreaterThan(0)
})
