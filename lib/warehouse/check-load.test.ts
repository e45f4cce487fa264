import { describe, expect, test } from 'vitest'
import { Stop } from '#lib/core/errors.ts'
import type { Table } from '#lib/core/table.ts'
import { checkLoad, contentColumns } from './check-load.ts'
import { loadOf, songs } from './testing.ts'
import type { Load } from './warehouse.ts'

const daily: Table = { ...songs, columns: { ...songs.columns, day: 'date' }, key: ['day', 'song_id'] }
const changes: Table = {
  schema: 'raw',
  name: 'songs_changes',
  columns: { song_id: 'text', change: 'text', seen_at: 'timestamp' },
  key: ['song_id', 'seen_at'],
}
const seenAt = '2026-03-01T12:00:00.000Z'

describe('a load is refused when', () => {
  test.for<[string, Partial<Load>]>([
    ['it replaces parts without naming them', { mode: 'replace part' }],
    ['the part is not in the key', { mode: 'replace part', parts: { column: 'title', values: [] } }],
    ['the daily history has no day column', { history: { kind: 'daily', table: songs, day: '2026-03-01' } }],
    ['the day is not a date', { history: { kind: 'daily', table: daily, day: "2026-03-01' or true --" } }],
    [
      'the changes history has no carried column',
      { history: { kind: 'changes', table: changes, seenAt, carry: ['title'] } },
    ],
    ['the changes history has extra columns', { history: { kind: 'changes', table: daily, seenAt, carry: [] } }],
  ])('%s', ([, more]) => {
    expect(() => checkLoad(loadOf([], more))).toThrow(Stop)
  })
})

test.for<Partial<Load>>([
  {},
  { mode: 'replace part', parts: { column: 'song_id', values: [] } },
  { history: { kind: 'daily', table: daily, day: '2026-03-01' } },
  { history: { kind: 'changes', table: changes, seenAt, carry: [] } },
])('accepts %j', (more) => {
  expect(() => checkLoad(loadOf([], more))).not.toThrow()
})

test('the key and the bookkeeping columns do not count as content', () => {
  expect(contentColumns({ ...songs, columns: { ...songs.columns, run_id: 'text' } })).toEqual(['title', 'plays'])
})
