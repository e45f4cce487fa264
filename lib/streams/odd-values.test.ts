import canonicalize from 'canonicalize'
import { describe, expect, test } from 'vitest'
import type { Json, Row } from '#lib/core/table.ts'
import { everyWarehouse } from '#lib/warehouse/every-warehouse.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import { oddItems, pageOf } from '#testing/odd-values.ts'
import { fixtures } from './fixtures.ts'
import { streamNamed } from './index.ts'
import { type Stream, streamTable } from './stream.ts'

const SYNCED_AT = '2026-11-20T06:00:00.000Z'
const PLACE = { rank: 1, syncedAt: SYNCED_AT, part: 'rainy' }

/** A stream of each shape, with an item that it keeps. */
const shapes = [...new Map(Object.entries(fixtures).map(([name, fixture]) => [fixture, name])).values()].map((name) => {
  const { body } = fixtures[name] ?? { body: null }
  const { artists, items } = body as { artists?: { items: Json[] }; items?: Json[] }
  return [name, streamNamed(name), (artists?.items ?? items ?? [])[0] as Json] as const
})

/** The rows of all odd items that are kept, each beside a neighbor that must stay as it is. */
function oddRows(stream: Stream, item: Json, every = 1): { rows: Row[]; rejected: Record<string, number> } {
  const neighbor = JSON.stringify(item)
  const [alone] = pageOf(stream, [neighbor]).items
  const expected = stream.row(alone, PLACE)
  expect(expected).not.toHaveProperty('rejected')
  const rows: Row[] = []
  const rejected: Record<string, number> = {}
  for (const odd of [...oddItems(item)].filter((_, nth) => nth % every === 0)) {
    const { items, unreadable } = pageOf(stream, [odd, neighbor])
    expect(stream.row(items[1], PLACE)).toEqual(expected)
    const row = stream.row(items[0], PLACE, unreadable.has(0))
    const part = items[0] === null ? null : stream.part?.(items[0], { spotifyUserId: 'listener-one' })
    expect((part?.id ?? '').length).toBeLessThan(256)
    expect(['.', '..']).not.toContain(part?.id)
    if (typeof row.rejected === 'string') rejected[row.rejected] = (rejected[row.rejected] ?? 0) + 1
    else rows.push(row)
  }
  return { rows, rejected }
}

/** Every text in a value, with its name. */
function textsIn(value: Json, name = ''): [name: string, text: string][] {
  if (typeof value === 'string') return [[name, value]]
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((inner) => textsIn(inner, name))
  return Object.entries(value).flatMap(([key, inner]) => [...textsIn(key), ...textsIn(inner, key)])
}

describe.each(shapes)('%s', (_name, stream, item) => {
  test('an odd value affects at most its item, which is counted by reason', () => {
    const { rows, rejected } = oddRows(stream, item)
    expect(rows.length).toBeGreaterThan(500)
    expect(rejected).toHaveProperty(['item in an unexpected format'])
    expect(rows.filter((row) => stream.key.some((name) => row[name] === null))).toEqual([])
    const texts = rows.flatMap((row) => textsIn(row))
    // Names of several artists are joined.
    const isWrong = (text: string) => text.includes('\0') || !text.isWellFormed() || text.length > 21_000
    expect(texts.filter(([, text]) => isWrong(text))).toEqual([])
    const links = texts.filter(([name]) => /(^|_)(url|href)$/.test(name)).map(([, text]) => text)
    expect(links.filter((link) => !/^https:\/\/(?!somebody)/.test(link))).toEqual([])
  })
})

everyWarehouse((warehouse, content) => {
  test('loads rows with odd values and reads them back unchanged', async () => {
    for (const [name, stream, item] of shapes) {
      // A sample of all places and values, because loading all takes long. Each row counts, although most have the same key.
      const sample = oddRows(stream, item, warehouse.kind === 'duckdb' ? 10 : 40).rows.map((row, nth) => ({
        ...row,
        nth,
      }))
      const { columns } = streamTable(stream)
      const table = { schema: 'raw' as const, name, columns: { ...columns, nth: 'integer' as const }, key: ['nth'] }
      expect(await warehouse.load(loadOf(sample, { stream: name, table }))).toMatchObject({ new: sample.length })
      const loaded = (await content(table)).map((row) => canonicalize(row) ?? '')
      expect(loaded.sort()).toEqual(sample.map((row) => canonicalize(row) ?? '').sort())
    }
  })
})
