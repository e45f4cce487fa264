import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ZodError } from 'zod'
import type { Cell, ColumnType, Json, Row } from '#lib/core/table.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import { WITHHELD_AT } from './columns.ts'
import { asBefore2026, type Fixture, fixtures } from './fixtures.ts'
import { streamNamed, streams } from './index.ts'
import { type Stream, streamTable } from './stream.ts'

// What every stream promises. A new stream adds a page to the fixtures and must pass all tests.
const SYNCED_AT = '2026-11-20T06:00:00.000Z'
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const fits: Record<ColumnType, (cell: Cell) => boolean> = {
  text: (cell) => typeof cell === 'string',
  integer: (cell) => Number.isSafeInteger(cell),
  double: (cell) => Number.isFinite(cell),
  boolean: (cell) => typeof cell === 'boolean',
  timestamp: (cell) => typeof cell === 'string' && INSTANT.test(cell),
  date: (cell) => typeof cell === 'string' && /^\d{4}-\d\d-\d\d$/.test(cell),
  json: (cell) => cell !== undefined,
}

function rowsOf(stream: Stream, body: Json): { kept: Row[]; rejected: Record<string, number> } {
  const kept: Row[] = []
  const rejected: Record<string, number> = {}
  stream.page(body).items.forEach((item, index) => {
    const row = stream.row(item, { rank: index + 1, syncedAt: SYNCED_AT, part: stream.partsOf ? 'rainy' : null })
    if (typeof row.rejected === 'string') rejected[row.rejected] = (rejected[row.rejected] ?? 0) + 1
    else kept.push(row)
  })
  return { kept, rejected }
}

function fixtureOf(stream: Stream): Fixture {
  const fixture = fixtures[stream.name]
  if (!fixture) throw new Error(`${stream.name} has no page among the fixtures`)
  return fixture
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-streams-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(streams.map((stream) => [stream.name, stream] as const))('%s', (_name, stream) => {
  test('has a consistent declaration', () => {
    const names = Object.keys(stream.columns)
    expect(names).toEqual(expect.arrayContaining([...stream.key, 'synced_at']))
    expect(stream.key.length).toBeGreaterThan(0)
    expect(names).not.toContain('rejected')
    if (stream.history?.kind === 'changes') expect(names).toEqual(expect.arrayContaining(stream.history.carry))
    if (stream.keepsWithheld) expect(names).toContain(WITHHELD_AT)
    if (stream.keepsWithheld === 'by time' || stream.keepsWithheld === 'in place') expect(names).toContain('added_at')
    expect(stream.endpoint.includes('{part}')).toBe(stream.partsOf !== undefined)
    if (stream.partsOf) {
      expect(stream.key).toContain(stream.partsOf.column)
      expect(streamNamed(stream.partsOf.stream).part).toBeDefined()
    }
  })

  test('returns exactly the declared columns with the declared types', () => {
    const { kept } = rowsOf(stream, fixtureOf(stream).body)
    expect(kept).toHaveLength(fixtureOf(stream).kept)
    for (const row of kept) {
      expect(Object.keys(row)).toEqual(Object.keys(stream.columns))
      for (const [name, type] of Object.entries(stream.columns))
        expect(row[name] === null || fits[type](row[name] as Cell), `${name}: ${JSON.stringify(row[name])}`).toBe(true)
    }
  })

  test('identifies every row by its key', () => {
    const { kept } = rowsOf(stream, fixtureOf(stream).body)
    const keys = kept.map((row) => stream.key.map((name) => row[name]))
    expect(keys.flat()).not.toContain(null)
    expect(kept.map((row) => row.synced_at)).toEqual(kept.map(() => SYNCED_AT))
  })

  test('says why it rejects an item', () => {
    expect(rowsOf(stream, fixtureOf(stream).body).rejected).toEqual(fixtureOf(stream).rejected)
  })

  test('makes the same rows from a response with names from before 2026', () => {
    const { body } = fixtureOf(stream)
    const before = asBefore2026(body)
    expect(before).not.toEqual(body)
    expect(rowsOf(stream, before)).toEqual(rowsOf(stream, body))
  })

  test.each([null, 'gateway', 12, [], {}, { items: 'none' }, { items: [1] }, { error: { status: 500 } }])(
    'refuses %j, which is not a page',
    (body) => {
      expect(() => stream.page(body)).toThrow(ZodError)
    },
  )

  test('adds nothing when loaded twice', async () => {
    const warehouse = await openDuckdb(join(folder, `${stream.name}.duckdb`))
    const rows = rowsOf(stream, fixtureOf(stream).body).kept
    const keys = new Set(rows.map((row) => JSON.stringify(stream.key.map((name) => row[name]))))
    const parts = stream.partsOf && { column: stream.partsOf.column, values: ['rainy'] }
    const load = () =>
      warehouse.load(loadOf(rows, { stream: stream.name, table: streamTable(stream), mode: stream.load, parts }))
    try {
      expect(await load()).toMatchObject({ new: keys.size, removed: 0 })
      expect(await load()).toEqual({ new: 0, changed: 0, unchanged: keys.size, removed: 0 })
    } finally {
      await warehouse.close()
    }
  })
})

const TAP_TRACK =
  'album artists disc_number duration_ms explicit external_ids external_urls href id is_local is_playable name popularity preview_url restrictions track_number type uri synced_at'
const TAP_AUDIO_FEATURES =
  'acousticness danceability energy instrumentalness liveness loudness speechiness tempo valence key mode time_signature analysis_url track_href'
const TAP_ARTIST = 'external_urls followers genres href id images name popularity type uri rank synced_at'
const TAP_RANKED_TRACK = `${TAP_TRACK} ${TAP_AUDIO_FEATURES} rank`

// All columns of tap-spotify except `available_markets`, for the users of tap-spotify.
test.each([
  ['user_top_tracks_st_stream', TAP_RANKED_TRACK],
  ['user_top_tracks_mt_stream', TAP_RANKED_TRACK],
  ['user_top_tracks_lt_stream', TAP_RANKED_TRACK],
  ['user_top_artists_st_stream', TAP_ARTIST],
  ['user_top_artists_mt_stream', TAP_ARTIST],
  ['user_top_artists_lt_stream', TAP_ARTIST],
  ['global_top_tracks_daily_stream', TAP_RANKED_TRACK],
  ['global_top_tracks_weekly_stream', TAP_RANKED_TRACK],
  ['global_viral_tracks_daily_stream', TAP_RANKED_TRACK],
  ['user_saved_tracks_stream', TAP_TRACK],
])('%s has the columns of tap-spotify', (name, columns) => {
  expect(Object.keys(streamNamed(name).columns)).toEqual(expect.arrayContaining(columns.split(' ')))
})

test('names, titles and histories are unique', () => {
  for (const names of [
    streams.map(({ name }) => name),
    streams.map(({ title }) => title),
    streams.flatMap(({ history }) => (history ? [history.table] : [])),
  ])
    expect(new Set(names).size).toBe(names.length)
})
