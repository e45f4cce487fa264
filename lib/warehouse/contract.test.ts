import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Stop } from '../errors.ts'
import type { Cell, ColumnType, Row, Table } from '../table.ts'
import { type WarehouseKind, warehouses } from './index.ts'
import { inBatches, loadOf, song, songs } from './testing.ts'
import type { Warehouse } from './warehouse.ts'

// What every kind of warehouse promises. A new kind adds its line here and must pass all of it.
let folder: string
let opened = 0

type Opened = Warehouse & { close(): Promise<void> }

const openEmpty: Record<WarehouseKind, () => Promise<Opened>> = {
  duckdb: () => warehouses.duckdb(join(folder, `contract-${++opened}.duckdb`)),
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-contract-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(Object.entries(openEmpty))('%s', (kind, open) => {
  let warehouse: Opened

  beforeEach(async () => {
    warehouse = await open()
  })
  afterEach(() => warehouse.close())

  const content = (table: Table = songs, columns = '*') =>
    warehouse.ask(`select ${columns} from ${warehouse.table(table.schema, table.name)} order by all`, [])

  test('says what it is', () => {
    expect(warehouse.kind).toBe(kind)
  })

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

    test('of a complete read without rows empties the table', async () => {
      await warehouse.load(loadOf([song('a'), song('b')]))
      expect(await warehouse.load(loadOf([]))).toEqual(counts({ removed: 2 }))
      expect(await content()).toEqual([])
    })

    test('of the same content writes nothing, so the older synced_at stays', async () => {
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
    expect(await warehouse.load(loadOf([song('a', 5), song('b')], { mode }))).toEqual(counts({ new: 1, unchanged: 1 }))
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

    test('touches only the named parts', async () => {
      const found = await replace(['p'], [item('p', 0, 'x'), item('p', 1, 'z'), item('p', 2, 'y')])
      expect(found).toEqual({ new: 1, changed: 1, unchanged: 1, removed: 0 })
      expect(await content(items)).toHaveLength(4)
    })

    test('empties a part that has no rows', async () => {
      expect(await replace(['p'], [])).toEqual(counts({ removed: 2 }))
      expect(await content(items)).toEqual([item('q', 0, 'x')])
    })

    test('refuses rows of a part that is not named, and keeps everything', async () => {
      await expect(replace(['p'], [item('q', 0, 'z')])).rejects.toThrow(Stop)
      expect(await content(items)).toHaveLength(3)
    })
  })

  test('the same read loads once and answers its first counts', async () => {
    const first = await warehouse.load(loadOf([song('a')], { readId: 'once' }))
    await warehouse.load(loadOf([song('b')]))
    expect(await warehouse.load(loadOf([song('c'), song('d')], { readId: 'once' }))).toEqual(first)
    expect(await content(songs, 'song_id')).toEqual([{ song_id: 'b' }])
  })

  test('among rows of one key the last one wins, across batches too', async () => {
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
    ['no ISO instant', song('a', 1, { synced_at: '1 March 2026' })],
    ['a missing column', { song_id: 'a', title: 'A', plays: 1 }],
  ])('refuses %s and keeps the table as it was', async ([, row]) => {
    await warehouse.load(loadOf([song('z')]))
    await expect(warehouse.load(loadOf([song('b'), row]))).rejects.toThrow(Stop)
    expect(await content(songs, 'song_id')).toEqual([{ song_id: 'z' }])
  })

  test('rows that break off leave the table as it was', async () => {
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

  test('makes a table with its first row, not before', async () => {
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

    test('gains a new one; old rows hold null in it', async () => {
      await warehouse.load(loadOf([song('a')], { mode: 'merge' }))
      await warehouse.load(loadOf([song('b', 1, { explicit: true })], { mode: 'merge', table: wider }))
      expect(await content(songs, 'song_id, explicit')).toEqual([
        { song_id: 'a', explicit: null },
        { song_id: 'b', explicit: true },
      ])
    })

    test('gains a new one in an overwrite too, which is a change', async () => {
      await warehouse.load(loadOf([song('a'), song('b')]))
      const found = await warehouse.load(loadOf([song('a', 1, { explicit: true })], { table: wider }))
      expect(found).toEqual(counts({ changed: 1, removed: 1 }))
      expect(await content(songs, 'song_id, explicit')).toEqual([{ song_id: 'a', explicit: true }])
    })

    test('keeps one that went; new rows hold null in it', async () => {
      await warehouse.load(loadOf([song('a')], { mode: 'merge' }))
      await warehouse.load(loadOf([song('b')], { mode: 'merge', table: narrower }))
      expect(await content(songs, 'song_id, title')).toEqual([
        { song_id: 'a', title: 'Song a' },
        { song_id: 'b', title: null },
      ])
    })

    test('refuses another type with a remedy', async () => {
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

    test('keeps one partition per day, the last read of a day wins whole', async () => {
      await warehouse.load(loadOf([song('a'), song('b')], on('2026-03-01')))
      await warehouse.load(loadOf([song('a', 2)], on('2026-03-02')))
      await warehouse.load(loadOf([song('c', 3)], on('2026-03-02')))
      expect(await days()).toEqual([
        { day: '2026-03-01', song_id: 'a', plays: 1 },
        { day: '2026-03-01', song_id: 'b', plays: 1 },
        { day: '2026-03-02', song_id: 'c', plays: 3 },
      ])
    })

    test('notes a day also when the table itself did not change', async () => {
      await warehouse.load(loadOf([song('a')], on('2026-03-01')))
      expect(await warehouse.load(loadOf([song('a')], on('2026-03-02')))).toEqual(counts({ unchanged: 1 }))
      expect(await days()).toHaveLength(2)
    })

    test('takes an older read alone when the table holds a newer one', async () => {
      await warehouse.load(loadOf([song('new')], on('2026-03-02')))
      const found = await warehouse.load(loadOf([song('old')], { ...on('2026-03-01'), historyOnly: true }))
      expect(found).toEqual(counts({}))
      expect(await content(songs, 'song_id')).toEqual([{ song_id: 'new' }])
      expect(await days()).toHaveLength(2)
    })

    test('a day without rows becomes empty', async () => {
      await warehouse.load(loadOf([song('a')], on('2026-03-01')))
      await warehouse.load(loadOf([], on('2026-03-01')))
      expect(await days()).toEqual([])
    })
  })

  test('changes history notes what appeared and what went, with the carried columns', async () => {
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

  test.for<[ColumnType, Cell[]]>([
    [
      'text',
      [
        '',
        ' ',
        '\'"\\',
        'línea\n\t',
        '日本語 🎧 \u{1F469}\u200D\u{1F3A4}',
        'e\u0301 is not é',
        'null',
        'x\u0000y',
        'x'.repeat(1_000_000),
        null,
      ],
    ],
    ['integer', [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null]],
    ['double', [0, -0, 0.1, 1e308, -1e308, 5e-324, 2 ** 53, null]],
    ['boolean', [true, false, null]],
    [
      'timestamp',
      [
        '2026-03-01T12:00:00.001Z',
        '1969-12-31T23:59:59.999Z',
        '1899-01-01T00:00:00.001Z',
        '9999-12-31T23:59:59.999Z',
        null,
      ],
    ],
    ['date', ['2024-02-29', '1969-12-31', '0001-01-01', '9999-12-31', null]],
    ['json', [{}, [], { a: { b: [1, null, 'ü"'] } }, 'text', 0, false, [null], null]],
  ])('%s cells come back as they went in', async ([type, cells]) => {
    const table: Table = { schema: 'raw', name: `cells_${type}`, columns: { id: 'integer', cell: type }, key: ['id'] }
    await warehouse.load(loadOf(rowsOf(cells), { table }))
    const answer = await warehouse.ask(`select cell from ${warehouse.table('raw', table.name)} order by id`, [])
    expect(answer.map((row) => row.cell)).toEqual(cells)
    const again = await warehouse.load(loadOf(rowsOf(cells), { table }))
    expect(again).toEqual(counts({ unchanged: cells.length }))
  })

  test('the order of names in a JSON value is no change', async () => {
    const table: Table = { schema: 'raw', name: 'albums', columns: { id: 'integer', album: 'json' }, key: ['id'] }
    await warehouse.load(loadOf([{ id: 1, album: { name: 'x', images: [{ url: 'u', width: 1 }] } }], { table }))
    const turned = { id: 1, album: { images: [{ width: 1, url: 'u' }], name: 'x' } }
    expect(await warehouse.load(loadOf([turned], { table }))).toEqual(counts({ unchanged: 1 }))
  })

  test('null and the empty text differ', async () => {
    await warehouse.load(loadOf([song('a', 1, { title: '' })]))
    expect(await warehouse.load(loadOf([song('a', 1, { title: null })]))).toEqual(counts({ changed: 1 }))
  })

  test('names may hold quotes and keywords', async () => {
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

  describe('ask', () => {
    const name = () => warehouse.table('raw', 'songs')

    beforeEach(async () => {
      await warehouse.load(loadOf([song('a', 1), song('b', 2), song('c', 3)]))
    })

    test('counts, sums and averages are numbers, names are lower case', async () => {
      const [row] = await warehouse.ask(
        `select count(*) as N, sum(plays) as Total, avg(plays) as mean, cast(1.5 as decimal(9, 2)) as price from ${name()}`,
        [],
      )
      expect(row).toEqual({ n: 3, total: 6, mean: 2, price: 1.5 })
    })

    test('binds values of every kind', async () => {
      const sql = `select song_id from ${name()} where plays >= ? and song_id <> ? and synced_at between ? and ?`
      const values = [2, "c' or 1 = 1", '2026-03-01T00:00:00.000Z', '2026-03-02']
      expect(await warehouse.ask(`${sql} order by 1`, values)).toEqual([{ song_id: 'b' }, { song_id: 'c' }])
    })

    test('answers at most `limit` rows, and goes on working', async () => {
      expect(await warehouse.ask(`select * from ${name()}`, [], { limit: 2 })).toHaveLength(2)
      expect(await warehouse.ask(`select * from ${name()}`, [], { limit: 5 })).toHaveLength(3)
    })

    test.for([
      'drop table raw.songs',
      'delete from raw.songs',
      "insert into raw.songs values ('x', 'x', 1, null)",
      'select 1; drop table raw.songs',
      'create table raw.more as select 1 as one',
      '',
      'selec 1',
    ])('refuses %j', async (sql) => {
      await expect(warehouse.ask(sql, [])).rejects.toMatchObject({ recovery: 'stop' })
      expect(await content()).toHaveLength(3)
    })

    test('gives up at its deadline, and goes on working', async () => {
      const cross = `select count(*) as n from ${Array(30).fill(name()).join(', ')}`
      await expect(warehouse.ask(cross, [], { deadlineMs: 50 })).rejects.toMatchObject({ recovery: 'retry' })
      expect(await content()).toHaveLength(3)
    })
  })

  test('loads and questions at the same time see whole reads only', async () => {
    const read = (n: number) => loadOf(Array.from({ length: 50 }, (_, i) => song(`s${i}`, n)))
    await warehouse.load(read(0))
    const loads = [1, 2, 3, 4].map((n) => warehouse.load(read(n)))
    const asks = Array.from({ length: 20 }, () => content(songs, 'count(*) as n, count(distinct plays) as reads'))
    for (const answer of await Promise.all(asks)) expect(answer).toEqual([{ n: 50, reads: 1 }])
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

function counts(some: Partial<Record<'new' | 'changed' | 'unchanged' | 'removed', number>>) {
  return { new: 0, changed: 0, unchanged: 0, removed: 0, ...some }
}

function rowsOf(cells: Cell[]): Row[] {
  return cells.map((cell, id) => ({ id, cell }))
}
