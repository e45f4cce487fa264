import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Cell, ColumnType, Row, Table } from '#lib/core/table.ts'
import { counts, everyWarehouse } from './every-warehouse.ts'
import { loadOf, song, songs } from './testing.ts'
import type { Load } from './warehouse.ts'

// What every kind of warehouse promises from one session to the next, and how two warehouses are compared.
everyWarehouse((warehouse, content) => {
  describe('digests', () => {
    test('contain the row count of each table; a missing table has no digest', async () => {
      await warehouse.load(loadOf([song('a'), song('b')]))
      const digests = await warehouse.digests([songs, { ...songs, name: 'albums' }])
      expect(digests).toEqual({ songs: { rows: 2, keys: expect.stringMatching(/^\d+$/) }, albums: null })
      expect(await warehouse.digests([])).toEqual({})
    })

    // Computed here a third time, so that two engines cannot agree on a wrong result.
    test.for<[ColumnType[], Cell[][]]>([
      [['text'], [['a'], [''], ['日本語 🎧'], ['\'\\"'], ['A']]],
      [['integer'], [[0], [-1], [Number.MAX_SAFE_INTEGER]]],
      [['boolean'], [[true], [false]]],
      [['timestamp'], [['2026-03-01T12:00:00.001Z'], ['1969-12-31T23:59:59.999Z'], ['1899-01-01T00:00:00.001Z']]],
      [['date'], [['2024-02-29'], ['0001-01-01'], ['9999-12-31']]],
      [
        ['text', 'integer'],
        [
          ['a', 1],
          ['a', 2],
          ['b', 1],
        ],
      ],
      [['timestamp', 'text'], [['2026-03-01T12:00:00.123Z', 'x']]],
    ])('are the same in every engine for keys of %j', async ([types, keys]) => {
      const names = types.map((_, index) => `key_${index}`)
      const columns = Object.fromEntries(names.map((name, index) => [name, types[index] ?? 'text']))
      const table: Table = { schema: 'raw', name: 'keyed', columns: { ...columns, plays: 'integer' }, key: names }
      const rows = keys.map((cells) => ({
        ...Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null])),
        plays: 1,
      }))
      await warehouse.load(loadOf(rows, { table }))
      const expected = { keyed: { rows: keys.length, keys: digestOf(keys, types) } }
      expect(await warehouse.digests([table])).toEqual(expected)
      // The other columns of a row do not count.
      await warehouse.load(
        loadOf(
          rows.map((row) => ({ ...row, plays: 2 })),
          { table },
        ),
      )
      expect(await warehouse.digests([table])).toEqual(expected)
    })

    test('of different keys differ', async () => {
      await warehouse.load(loadOf([song('a'), song('b')]))
      const before = await warehouse.digests([songs])
      await warehouse.load(loadOf([song('a'), song('c')]))
      expect(await warehouse.digests([songs])).not.toEqual(before)
    })
  })

  describe('in a new session', () => {
    test('a flushed read is known: repeating it returns the first counts and changes nothing', async () => {
      const first = await warehouse.load(loadOf([song('a'), song('b')], { readId: 'flushed' }))
      await warehouse.load(loadOf([song('b', 2)]))
      await warehouse.flush()
      await warehouse.reopen()
      expect(await warehouse.load(loadOf([song('z')], { readId: 'flushed' }))).toEqual(first)
      expect(await content(songs, 'song_id, plays')).toEqual([{ song_id: 'b', plays: 2 }])
    })

    test('tables exist, and their columns are known', async () => {
      await warehouse.load(loadOf([song('a')]))
      await warehouse.flush()
      await warehouse.reopen()
      expect(await warehouse.existing('raw', ['songs'])).toEqual(['songs'])
      expect(await warehouse.load(loadOf([song('a')]))).toEqual(counts({ unchanged: 1 }))
    })

    test('flushing twice or flushing nothing does no harm', async () => {
      await warehouse.flush()
      await warehouse.load(loadOf([song('a')], { readId: 'once' }))
      await warehouse.flush()
      await warehouse.flush()
      expect(await content(songs)).toHaveLength(1)
    })
  })

  describe('repeating a load after a process ended before its flush changes nothing', () => {
    const daily: Table = {
      schema: 'raw',
      name: 'songs_history',
      columns: { ...songs.columns, day: 'date' },
      key: ['day', 'song_id'],
    }
    const changes: Table = {
      schema: 'raw',
      name: 'songs_changes',
      columns: { song_id: 'text', change: 'text', seen_at: 'timestamp', title: 'text' },
      key: ['song_id', 'seen_at'],
    }
    const seenAt = '2026-03-02T12:00:00.000Z'
    test.for<[string, Partial<Load>, Table?]>([
      ['overwrite', { mode: 'overwrite' }],
      ['merge', { mode: 'merge' }],
      ['append', { mode: 'append' }],
      ['replace part', { mode: 'replace part', parts: { column: 'song_id', values: ['a', 'b', 'c'] } }],
      ['overwrite with a daily history', { history: { kind: 'daily', table: daily, day: '2026-03-02' } }, daily],
      [
        'overwrite with a changes history',
        { history: { kind: 'changes', table: changes, seenAt, carry: ['title'] } },
        changes,
      ],
    ])('%s', async ([, more, history]) => {
      await warehouse.load(loadOf([song('a'), song('b')], { readId: 'before' }))
      await warehouse.flush()
      const load = () => loadOf([song('a', 2), song('c')], { readId: 'unflushed', ...more })
      await warehouse.load(load())
      const before = [await content(songs), history && (await content(history))]
      await warehouse.reopen()
      await warehouse.load(load())
      expect([await content(songs), history && (await content(history))]).toEqual(before)
      await warehouse.flush()
      await warehouse.reopen()
      await warehouse.load(load())
      expect([await content(songs), history && (await content(history))]).toEqual(before)
    })
  })
})

function digestOf(keys: Cell[][], types: ColumnType[]): string {
  const texts = keys.map((cells) => cells.map((cell, index) => keyText(cell, types[index])).join('\u001F'))
  const numbers = texts.map((text) => BigInt(`0x${createHash('md5').update(text).digest('hex').slice(16)}`))
  return String(numbers.reduce((sum, number) => sum + number, 0n))
}

function keyText(cell: Row[string] | undefined, type: ColumnType | undefined): string {
  return type === 'timestamp' ? String(Date.parse(String(cell))) : String(cell)
}
