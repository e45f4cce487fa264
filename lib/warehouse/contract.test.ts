import { beforeEach, describe, expect, test } from 'vitest'
import { Stop } from '#lib/core/errors.ts'
import type { Row, Table } from '#lib/core/table.ts'
import { counts, everyWarehouse } from './every-warehouse.ts'
import { inBatches, loadOf, song, songs } from './testing.ts'
import type { KeptRows, KeptSpan } from './warehouse.ts'

// What every kind of warehouse promises about loads. Tables, queries and sessions have their own files.
everyWarehouse((warehouse, content) => {
  describe('overwrite', () => {
    test('leaves exactly the rows of the read and counts the difference', async () => {
      expect(await warehouse.load(loadOf([song('a'), song('b'), song('c')]))).toEqual(counts({ new: 3 }))
      const found = await warehouse.load(loadOf([song('a'), song('b', 7), song('d')]))
      expect(found).toEqual({ new: 1, changed: 1, unchanged: 1, removed: 1 })
      expect(await content(songs, 'song_id, plays')).toEqual([
        { song_id: 'a', plays: 1 },
        { song_id: 'b', plays: 7 },
        { song_id: 'd', plays: 1 },
      ])
    })

    test('with a complete read without rows empties the table', async () => {
      await warehouse.load(loadOf([song('a'), song('b')]))
      expect(await warehouse.load(loadOf([]))).toEqual(counts({ removed: 2 }))
      expect(await content(songs)).toEqual([])
    })

    test('with the same content writes nothing, so the older synced_at stays', async () => {
      await warehouse.load(loadOf([song('a'), song('b')]))
      const later = { synced_at: '2026-03-02T12:00:00.000Z' }
      const found = await warehouse.load(loadOf([song('b', 1, later), song('a', 1, later)]))
      expect(found).toEqual(counts({ unchanged: 2 }))
      expect(await content(songs, 'distinct synced_at')).toEqual([{ synced_at: '2026-03-01T12:00:00.000Z' }])
    })

    test('with a difference gives every row the synced_at of the read', async () => {
      await warehouse.load(loadOf([song('a')]))
      const later = { synced_at: '2026-03-02T12:00:00.000Z' }
      await warehouse.load(loadOf([song('a', 1, later), song('b', 1, later)]))
      expect(await content(songs, 'distinct synced_at')).toEqual([later])
    })
  })

  describe('rows that stay', () => {
    const liked: Table = {
      ...songs,
      name: 'liked',
      columns: { song_id: 'text', added_at: 'timestamp', withheld_at: 'timestamp', synced_at: 'timestamp' },
    }
    const history: Table = {
      schema: 'raw',
      name: 'liked_history',
      columns: { song_id: 'text', added_at: 'timestamp', change: 'text', seen_at: 'timestamp' },
      key: ['song_id', 'change', 'seen_at'],
    }
    const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`
    const like = (day: number) => ({ song_id: `s${day}`, added_at: at(day), withheld_at: null, synced_at: at(9) })
    const SINCE = '2026-02-01T00:00:00.000Z'
    const load = (days: number[], kept: Partial<KeptRows> = {}) =>
      warehouse.load(
        loadOf(days.map(like), {
          table: liked,
          history: { kind: 'changes', table: history, seenAt: SINCE, carry: ['added_at'] },
          kept: { mark: 'withheld_at', since: SINCE, missing: 'none', column: 'added_at', spans: [], ...kept },
        }),
      )
    const marked = () => content(liked, 'song_id, withheld_at')
    const mark = (day: number, withheld_at: string | null = null) => ({ song_id: `s${day}`, withheld_at })
    const removed = async () =>
      (await content(history, 'song_id, change'))
        .filter(({ change }) => change === 'removed')
        .map(({ song_id }) => song_id)

    beforeEach(async () => {
      await load([1, 2, 3, 4, 5])
    })

    test('are those whose time lies within a span, and they are marked once', async () => {
      const spans: KeptSpan[] = [
        { from: null, until: at(1) },
        { from: at(4), until: at(4) },
      ]
      expect(await load([3, 5], { spans })).toEqual({ new: 0, changed: 2, unchanged: 2, removed: 1 })
      expect(await marked()).toEqual([mark(1, SINCE), mark(3), mark(4, SINCE), mark(5)])
      expect(await removed()).toEqual(['s2'])
      expect(await load([3, 5], { spans, since: at(9) })).toEqual(counts({ unchanged: 4 }))
      expect(await marked()).toEqual([mark(1, SINCE), mark(3), mark(4, SINCE), mark(5)])
    })

    test('are all missing ones, and later those that were marked then', async () => {
      expect(await load([1, 2, 3], { missing: 'all' })).toEqual(counts({ changed: 2, unchanged: 3 }))
      expect(await load([1, 2], { missing: 'marked' })).toEqual(counts({ unchanged: 4, removed: 1 }))
      expect(await marked()).toEqual([mark(1), mark(2), mark(4, SINCE), mark(5, SINCE)])
      expect(await load([1, 2, 4], { missing: 'marked', spans: [{ from: at(2), until: null }] })).toEqual(
        counts({ changed: 1, unchanged: 3 }),
      )
      expect(await load([1])).toEqual(counts({ unchanged: 1, removed: 3 }))
      expect(await removed()).toEqual(expect.arrayContaining(['s2', 's3', 's4', 's5']))
    })

    test('stay when nothing arrives', async () => {
      expect(await load([], { missing: 'all' })).toEqual(counts({ changed: 5 }))
      expect(await removed()).toEqual([])
    })

    test('can be named by their key, in the parts that are replaced', async () => {
      const items: Table = {
        ...liked,
        name: 'places',
        columns: { playlist_id: 'text', position: 'integer', added_at: 'timestamp', withheld_at: 'timestamp' },
        key: ['playlist_id', 'position'],
      }
      const item = (playlist_id: string, position: number) => ({
        playlist_id,
        position,
        added_at: at(1),
        withheld_at: null,
      })
      const replace = (rows: Row[], spans: KeptSpan[] = []) =>
        warehouse.load(
          loadOf(rows, {
            table: items,
            mode: 'replace part',
            parts: { column: 'playlist_id', values: ['p'] },
            kept: { mark: 'withheld_at', since: SINCE, missing: 'none', column: 'added_at', spans },
          }),
        )
      await replace([item('p', 1), item('p', 2), item('p', 3), item('p', 4)])
      const span = (position: number, time: string | null): KeptSpan => ({
        from: time,
        until: time,
        key: { playlist_id: 'p', position },
      })
      expect(await replace([item('p', 1)], [span(2, at(1)), span(3, at(2)), span(4, null)])).toEqual(
        counts({ changed: 2, unchanged: 1, removed: 1 }),
      )
      expect(await content(items, 'position, withheld_at is not null as marked')).toEqual([
        { position: 1, marked: false },
        { position: 2, marked: true },
        { position: 4, marked: true },
      ])
    })
  })

  test('merge adds new keys, changes known ones and leaves the rest', async () => {
    const mode = 'merge'
    await warehouse.load(loadOf([song('a'), song('b')], { mode }))
    const found = await warehouse.load(loadOf([song('a'), song('b', 9), song('c')], { mode }))
    expect(found).toEqual({ new: 1, changed: 1, unchanged: 1, removed: 0 })
    expect(await warehouse.load(loadOf([song('c')], { mode }))).toEqual(counts({ unchanged: 1 }))
    expect(await content(songs, 'song_id, plays')).toEqual([
      { song_id: 'a', plays: 1 },
      { song_id: 'b', plays: 9 },
      { song_id: 'c', plays: 1 },
    ])
  })

  test('merge compares every column of the key', async () => {
    const plays: Table = {
      schema: 'raw',
      name: 'plays',
      columns: { played_at: 'timestamp', uri: 'text' },
      key: ['played_at', 'uri'],
    }
    const play = (second: number, uri: string) => ({ played_at: `2026-03-01T12:00:0${second}.123Z`, uri })
    const load = (rows: Row[]) => warehouse.load(loadOf(rows, { table: plays, mode: 'merge' }))
    expect(await load([play(1, 'x'), play(1, 'y'), play(2, 'x')])).toEqual(counts({ new: 3 }))
    expect(await load([play(2, 'x'), play(2, 'y')])).toEqual(counts({ new: 1, unchanged: 1 }))
    expect(await content(plays)).toHaveLength(4)
  })

  test('append only adds keys that are not there', async () => {
    const mode = 'append'
    await warehouse.load(loadOf([song('a')], { mode }))
    const rows = [song('a', 5), song('b', 1), song('b', 2)]
    expect(await warehouse.load(loadOf(rows, { mode }))).toEqual(counts({ new: 1, unchanged: 1 }))
    expect(await content(songs, 'song_id, plays')).toEqual([
      { song_id: 'a', plays: 1 },
      { song_id: 'b', plays: 1 },
    ])
  })

  describe('replace part', () => {
    const items: Table = {
      schema: 'raw',
      name: 'playlist_items',
      columns: { playlist_id: 'text', position: 'integer', uri: 'text' },
      key: ['playlist_id', 'position'],
    }
    const item = (playlist_id: string, position: number, uri: string): Row => ({ playlist_id, position, uri })
    const replace = (values: string[], rows: Row[]) =>
      warehouse.load(loadOf(rows, { table: items, mode: 'replace part', parts: { column: 'playlist_id', values } }))

    beforeEach(async () => {
      await replace(['p', 'q'], [item('p', 0, 'x'), item('p', 1, 'y'), item('q', 0, 'x')])
    })

    test('changes only the named parts', async () => {
      const found = await replace(['p'], [item('p', 0, 'x'), item('p', 1, 'z'), item('p', 2, 'y')])
      expect(found).toEqual({ new: 1, changed: 1, unchanged: 1, removed: 0 })
      expect(await content(items)).toHaveLength(4)
    })

    test('empties a part that has no rows', async () => {
      expect(await replace(['p'], [])).toEqual(counts({ removed: 2 }))
      expect(await content(items)).toEqual([item('q', 0, 'x')])
    })

    test('removes by a column outside of the key, if no rows arrive', async () => {
      const remove = (onlyRemoves: boolean) =>
        warehouse.load(
          loadOf([], { table: items, mode: 'replace part', parts: { column: 'uri', values: ['x'] }, onlyRemoves }),
        )
      await expect(remove(false)).rejects.toThrow(Stop)
      expect(await remove(true)).toEqual(counts({ removed: 2 }))
      expect(await content(items)).toEqual([item('p', 1, 'y')])
    })

    test('refuses rows of a part that is not named, and keeps everything', async () => {
      await expect(replace(['p'], [item('q', 0, 'z')])).rejects.toThrow(Stop)
      expect(await content(items)).toHaveLength(3)
    })
  })

  test('the same read loads once and returns its first counts', async () => {
    const first = await warehouse.load(loadOf([song('a')], { readId: 'once' }))
    await warehouse.load(loadOf([song('b')]))
    expect(await warehouse.load(loadOf([song('c'), song('d')], { readId: 'once' }))).toEqual(first)
    expect(await content(songs, 'song_id')).toEqual([{ song_id: 'b' }])
  })

  test('the last of several rows with the same key wins, across batches too', async () => {
    const rows = [song('a', 1), song('b', 1), song('a', 2), song('c', 1), song('a', 3)]
    expect(await warehouse.load(loadOf(rows))).toEqual(counts({ new: 3 }))
    expect(await content(songs, 'song_id, plays')).toContainEqual({ song_id: 'a', plays: 3 })
  })

  test.for<[string, Row]>([
    ['null in the key', song('a', 1, { song_id: null })],
    ['a text for a number', song('a', 1, { plays: '7' })],
    ['a fraction for an integer', song('a', 1.5)],
    ['an integer past 2^53', song('a', 2 ** 53)],
    ['a number for a text', song('a', 1, { title: 7 })],
    ['a timestamp that is not ISO', song('a', 1, { synced_at: '1 March 2026' })],
    ['a missing column', { song_id: 'a', title: 'A', plays: 1 }],
  ])('refuses %s and keeps the table as it was', async ([, row]) => {
    await warehouse.load(loadOf([song('z')]))
    await expect(warehouse.load(loadOf([song('b'), row]))).rejects.toThrow(Stop)
    expect(await content(songs, 'song_id')).toEqual([{ song_id: 'z' }])
  })

  test('keeps the table when the rows break off', async () => {
    await warehouse.load(loadOf([song('z')]))
    async function* broken(): AsyncGenerator<Row[]> {
      yield [song('a')]
      throw new Stop('The page is gone', { remedy: 'none' })
    }
    await expect(warehouse.load(loadOf([], { readId: 'broken', rows: broken() }))).rejects.toThrow('The page is gone')
    expect(await content(songs, 'song_id')).toEqual([{ song_id: 'z' }])
    expect(await warehouse.load(loadOf([song('a')], { readId: 'broken' }))).toEqual(counts({ new: 1, removed: 1 }))
  })

  test.for<[string, Partial<Table>]>([
    ['without a key', { key: [] }],
    ['whose key names no column', { key: ['isrc'] }],
  ])('refuses a table %s', async ([, wrong]) => {
    await expect(warehouse.load(loadOf([song('a')], { table: { ...songs, ...wrong } }))).rejects.toThrow(Stop)
  })

  test('queries during loads only see complete reads', async () => {
    const read = (n: number) => loadOf(Array.from({ length: 50 }, (_, i) => song(`s${i}`, n)))
    await warehouse.load(read(0))
    const loads = [1, 2, 3, 4].map((n) => warehouse.load(read(n)))
    const queries = Array.from({ length: 20 }, () => content(songs, 'count(*) as n, count(distinct plays) as reads'))
    for (const result of await Promise.all(queries)) expect(result).toEqual([{ n: 50, reads: 1 }])
    await Promise.all(loads)
    expect(await content(songs, 'distinct plays')).toEqual([{ plays: 4 }])
  })

  test('many batches load as one read', async () => {
    const rows = Array.from({ length: 25_000 }, (_, i) => song(`s${i}`, i))
    expect(await warehouse.load(loadOf([], { rows: inBatches(rows, 1000) }))).toEqual(counts({ new: 25_000 }))
    const found = await warehouse.load(loadOf([], { rows: inBatches(rows.slice(1), 999) }))
    expect(found).toEqual(counts({ unchanged: 24_999, removed: 1 }))
  })
})
