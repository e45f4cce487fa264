import { describe, expect, test } from 'vitest'
import type { LoadMode, Row, Table } from '#lib/core/table.ts'
import { counts, everyWarehouse } from './every-warehouse.ts'
import { inBatches, loadOf, song, songs } from './testing.ts'
import type { KeptRows, Load } from './warehouse.ts'

// What every kind of warehouse promises about tables and histories.
everyWarehouse((warehouse, content) => {
  test('creates a table with its first row, not before', async () => {
    expect(await warehouse.load(loadOf([]))).toEqual(counts({}))
    expect(await warehouse.existing('raw', ['songs'])).toEqual([])
    await warehouse.load(loadOf([song('a')]))
    expect(await warehouse.existing('raw', ['songs', 'plays'])).toEqual(['songs'])
    expect(await warehouse.existing('staging', ['songs'])).toEqual([])
  })

  describe('a table that changed its columns', () => {
    const wider: Table = { ...songs, columns: { ...songs.columns, explicit: 'boolean' } }
    const { title: _, ...withoutTitle } = songs.columns
    const narrower: Table = { ...songs, columns: withoutTitle }

    test('gets the new one, with null in old rows', async () => {
      await warehouse.load(loadOf([song('a')], { mode: 'merge' }))
      await warehouse.load(loadOf([song('b', 1, { explicit: true })], { mode: 'merge', table: wider }))
      expect(await content(songs, 'song_id, explicit')).toEqual([
        { song_id: 'a', explicit: null },
        { song_id: 'b', explicit: true },
      ])
    })

    test('gets the new one in an overwrite too, which counts as a change', async () => {
      await warehouse.load(loadOf([song('a'), song('b')]))
      const found = await warehouse.load(loadOf([song('a', 1, { explicit: true })], { table: wider }))
      expect(found).toEqual(counts({ changed: 1, removed: 1 }))
      expect(await content(songs, 'song_id, explicit')).toEqual([{ song_id: 'a', explicit: true }])
    })

    test('keeps a removed one, with null in new rows', async () => {
      await warehouse.load(loadOf([song('a')], { mode: 'merge' }))
      await warehouse.load(loadOf([song('b')], { mode: 'merge', table: narrower }))
      expect(await content(songs, 'song_id, title')).toEqual([
        { song_id: 'a', title: 'Song a' },
        { song_id: 'b', title: null },
      ])
    })

    test('refuses a different type with a remedy', async () => {
      await warehouse.load(loadOf([song('a')]))
      const retyped: Table = { ...songs, columns: { ...songs.columns, plays: 'text' } }
      const failure = warehouse.load(loadOf([song('a', 1, { plays: '1' })], { table: retyped }))
      await expect(failure).rejects.toMatchObject({ recovery: 'stop', remedy: expect.stringContaining('new name') })
    })
  })

  describe('daily history', () => {
    const table: Table = {
      schema: 'raw',
      name: 'songs_history',
      columns: { ...songs.columns, day: 'date' },
      key: ['day', 'song_id'],
    }
    const on = (day: string) => ({ history: { kind: 'daily' as const, table, day } })
    const days = () => content(table, 'day, song_id, plays')

    test('keeps one partition per day, from the last read of the day', async () => {
      await warehouse.load(loadOf([song('a'), song('b')], on('2026-03-01')))
      await warehouse.load(loadOf([song('a', 2)], on('2026-03-02')))
      await warehouse.load(loadOf([song('c', 3)], on('2026-03-02')))
      expect(await days()).toEqual([
        { day: '2026-03-01', song_id: 'a', plays: 1 },
        { day: '2026-03-01', song_id: 'b', plays: 1 },
        { day: '2026-03-02', song_id: 'c', plays: 3 },
      ])
    })

    test('records a day even if the table itself did not change', async () => {
      await warehouse.load(loadOf([song('a')], on('2026-03-01')))
      expect(await warehouse.load(loadOf([song('a')], on('2026-03-02')))).toEqual(counts({ unchanged: 1 }))
      expect(await days()).toHaveLength(2)
    })

    test('accepts an older read for the history only when the table has a newer one', async () => {
      await warehouse.load(loadOf([song('new')], on('2026-03-02')))
      const found = await warehouse.load(loadOf([song('old')], { ...on('2026-03-01'), historyOnly: true }))
      expect(found).toEqual(counts({}))
      expect(await content(songs, 'song_id')).toEqual([{ song_id: 'new' }])
      expect(await days()).toHaveLength(2)
    })

    test('empties a day without rows', async () => {
      await warehouse.load(loadOf([song('a')], on('2026-03-01')))
      await warehouse.load(loadOf([], on('2026-03-01')))
      expect(await days()).toEqual([])
    })
  })

  test('the changes history records what appeared and disappeared, with the carried columns', async () => {
    const table: Table = {
      schema: 'raw',
      name: 'songs_changes',
      columns: { song_id: 'text', change: 'text', seen_at: 'timestamp', title: 'text' },
      key: ['song_id', 'seen_at'],
    }
    const seen = (day: number) => `2026-03-0${day}T12:00:00.000Z`
    const at = (day: number) => ({
      history: { kind: 'changes' as const, table, seenAt: seen(day), carry: ['title'] },
    })
    await warehouse.load(loadOf([song('a'), song('b')], at(1)))
    await warehouse.load(loadOf([song('a', 2), song('c')], at(2)))
    await warehouse.load(loadOf([song('a', 2), song('c')], at(3)))
    expect(await content(table, 'seen_at, change, song_id, title')).toEqual([
      { seen_at: seen(1), change: 'added', song_id: 'a', title: 'Song a' },
      { seen_at: seen(1), change: 'added', song_id: 'b', title: 'Song b' },
      { seen_at: seen(2), change: 'added', song_id: 'c', title: 'Song c' },
      { seen_at: seen(2), change: 'removed', song_id: 'b', title: 'Song b' },
    ])
  })

  describe('a changes history that counts rows', () => {
    const list: Table = {
      schema: 'raw',
      name: 'listed',
      columns: { list_id: 'text', place: 'integer', uri: 'text', title: 'text', withheld_since: 'timestamp' },
      key: ['list_id', 'place'],
    }
    const table: Table = {
      schema: 'raw',
      name: 'listed_changes',
      columns: {
        list_id: 'text',
        uri: 'text',
        title: 'text',
        change: 'text',
        copies: 'integer',
        seen_at: 'timestamp',
      },
      key: ['list_id', 'uri', 'change', 'seen_at'],
    }
    const seen = (day: number) => `2026-03-0${day}T12:00:00.000Z`
    const rows = (list_id: string, uris: (string | null)[], first = 1): Row[] =>
      uris.map((uri, index) => ({
        list_id,
        place: first + index,
        uri,
        title: uri && `Song ${uri}`,
        withheld_since: null,
      }))
    const loadAt = (day: number, arriving: Row[], more: Partial<Load> = {}) =>
      loadOf(arriving, {
        table: list,
        mode: 'replace part',
        parts: { column: 'list_id', values: ['one'] },
        history: { kind: 'changes', table, seenAt: seen(day), carry: ['title'], by: ['list_id', 'uri'] },
        ...more,
      })
    const on = async (day: number) =>
      (await content(table, 'seen_at, change, uri, copies'))
        .filter(({ seen_at }) => seen_at === seen(day))
        .map(({ change, uri, copies }) => `${change} ${uri} ${copies}`)

    test('records one addition for a song on top, and nothing for songs that move', async () => {
      await warehouse.load(loadAt(1, rows('one', ['a', 'b', 'b', null])))
      await warehouse.load(loadAt(2, rows('one', ['new', 'a', 'b', 'b', null])))
      await warehouse.load(loadAt(3, rows('one', ['b', 'new', 'b', 'a'])))
      expect([await on(1), await on(2), await on(3)]).toEqual([['added a 1', 'added b 2'], ['added new 1'], []])
      expect(await content(table, 'uri, title')).toContainEqual({ uri: 'new', title: 'Song new' })
    })

    test('records copies, and a song that takes the place of another', async () => {
      await warehouse.load(loadAt(1, rows('one', ['a', 'b', 'b', 'b'])))
      await warehouse.load(loadAt(2, rows('one', ['a', 'a', 'b', 'c'])))
      expect(await on(2)).toEqual(['added a 1', 'added c 1', 'removed b 2'])
    })

    test('counts only the parts that were read', async () => {
      await warehouse.load(loadAt(1, rows('two', ['a']), { parts: { column: 'list_id', values: ['two'] } }))
      await warehouse.load(loadAt(2, rows('one', ['a'])))
      await warehouse.load(loadAt(3, []))
      expect([await on(1), await on(2), await on(3)]).toEqual([['added a 1'], ['added a 1'], ['removed a 1']])
    })

    test('records no removal of rows that stay, and no addition when their content returns', async () => {
      await warehouse.load(loadAt(1, rows('one', ['a', 'b', 'c'])))
      const kept: KeptRows = {
        mark: 'withheld_since',
        since: seen(2),
        missing: 'all',
        column: 'withheld_since',
        spans: [],
      }
      await warehouse.load(loadAt(2, rows('one', ['a', 'd']), { kept }))
      await warehouse.load(loadAt(3, rows('one', ['a', 'd', 'c'])))
      expect([await on(2), await on(3)]).toEqual([['added d 1', 'removed b 1'], []])
    })

    test('records nothing twice when a read is loaded again', async () => {
      const first = { readId: 'counted-1', rows: inBatches(rows('one', ['a', 'a'])) }
      await warehouse.load(loadAt(1, [], first))
      await warehouse.load(loadAt(1, [], { ...first, rows: inBatches(rows('one', ['a', 'a'])) }))
      // The process ended before the ledger was written.
      await warehouse.reopen()
      await warehouse.load(loadAt(1, [], { ...first, rows: inBatches(rows('one', ['a', 'a'])) }))
      expect(await on(1)).toEqual(['added a 2'])
    })

    test('refuses a load that does not replace rows', async () => {
      const failure = warehouse.load(loadAt(1, rows('one', ['a']), { mode: 'merge' }))
      await expect(failure).rejects.toMatchObject({ recovery: 'stop' })
    })
  })

  describe('a table that is filled', () => {
    const table: Table = {
      ...songs,
      columns: { song_id: 'text', title: 'text', plays: 'integer', first_seen_at: 'timestamp' },
    }
    const seen = (day: number) => `2026-03-0${day}T12:00:00.000Z`
    const row = (title: string | null, plays: number | null, day: number) => ({
      song_id: 'a',
      title,
      plays,
      first_seen_at: seen(day),
    })
    const fill = (arriving: Row, mode: LoadMode = 'fill') => warehouse.load(loadOf([arriving], { table, mode }))

    test('keeps its values where nulls arrive, and when it was first seen', async () => {
      expect(await fill(row('One', null, 1))).toEqual(counts({ new: 1 }))
      expect(await fill(row(null, 2, 2))).toEqual(counts({ changed: 1 }))
      expect(await fill(row('Three', null, 3))).toEqual(counts({ changed: 1 }))
      expect(await content(table)).toEqual([row('Three', 2, 1)])
    })

    test('writes nothing when only nulls or equal values arrive', async () => {
      await fill(row('One', 1, 1))
      expect(await fill(row(null, 1, 2))).toEqual(counts({ unchanged: 1 }))
      expect(await content(table)).toEqual([row('One', 1, 1)])
    })

    test('takes only what it lacks from older rows', async () => {
      await fill(row('New', null, 3))
      expect(await fill(row('Old', 1, 1), 'fill gaps')).toEqual(counts({ changed: 1 }))
      expect(await fill(row('Older', 9, 1), 'fill gaps')).toEqual(counts({ unchanged: 1 }))
      expect(await content(table)).toEqual([row('New', 1, 3)])
    })
  })

  test('names can contain quotes and keywords', async () => {
    const table: Table = {
      schema: 'raw',
      name: 'my "own" table; drop',
      columns: { select: 'text', 'a "b"': 'integer', 'group by': 'text' },
      key: ['select', 'a "b"'],
    }
    const row = { select: 'x', 'a "b"': 1, 'group by': 'y' }
    await warehouse.load(loadOf([row], { table }))
    await warehouse.load(loadOf([{ ...row, 'group by': 'z' }], { table, mode: 'merge' }))
    expect(await content(table)).toEqual([{ ...row, 'group by': 'z' }])
  })
})
