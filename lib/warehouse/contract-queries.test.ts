import { beforeEach, describe, expect, test } from 'vitest'
import type { Cell, ColumnType, Row, Table } from '#lib/core/table.ts'
import { counts, everyWarehouse } from './every-warehouse.ts'
import { loadOf, song, songs } from './testing.ts'

// What every kind of warehouse promises about cells and queries.
everyWarehouse((warehouse, content) => {
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
    const result = await warehouse.query(`select cell from ${warehouse.table('raw', table.name)} order by id`, [])
    expect(result.map((row) => row.cell)).toEqual(cells)
    const again = await warehouse.load(loadOf(rowsOf(cells), { table }))
    expect(again).toEqual(counts({ unchanged: cells.length }))
  })

  test('a different order of names in a JSON value is not a change', async () => {
    const table: Table = { schema: 'raw', name: 'albums', columns: { id: 'integer', album: 'json' }, key: ['id'] }
    await warehouse.load(loadOf([{ id: 1, album: { name: 'x', images: [{ url: 'u', width: 1 }] } }], { table }))
    const reordered = { id: 1, album: { images: [{ width: 1, url: 'u' }], name: 'x' } }
    expect(await warehouse.load(loadOf([reordered], { table }))).toEqual(counts({ unchanged: 1 }))
  })

  test('null and the empty string differ', async () => {
    await warehouse.load(loadOf([song('a', 1, { title: '' })]))
    expect(await warehouse.load(loadOf([song('a', 1, { title: null })]))).toEqual(counts({ changed: 1 }))
  })

  describe('query', () => {
    const name = () => warehouse.table('raw', 'songs')

    beforeEach(async () => {
      await warehouse.load(loadOf([song('a', 1), song('b', 2), song('c', 3)]))
    })

    test('counts, sums and averages are numbers, names are lower case', async () => {
      const [row] = await warehouse.query(
        `select count(*) as N, sum(plays) as Total, avg(plays) as mean, cast(1.5 as decimal(9, 2)) as price from ${name()}`,
        [],
      )
      expect(row).toEqual({ n: 3, total: 6, mean: 2, price: 1.5 })
    })

    test('binds values of every kind', async () => {
      const sql = `select song_id from ${name()} where plays >= ? and song_id <> ? and synced_at between ? and ?`
      const values = [2, "c' or 1 = 1", '2026-03-01T00:00:00.000Z', '2026-03-02']
      expect(await warehouse.query(`${sql} order by 1`, values)).toEqual([{ song_id: 'b' }, { song_id: 'c' }])
    })

    test('returns at most `limit` rows, and keeps working', async () => {
      expect(await warehouse.query(`select * from ${name()}`, [], { limit: 2 })).toHaveLength(2)
      expect(await warehouse.query(`select * from ${name()}`, [], { limit: 5 })).toHaveLength(3)
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
      await expect(warehouse.query(sql, [])).rejects.toMatchObject({ recovery: 'stop' })
      expect(await content(songs)).toHaveLength(3)
    })

    test('gives up at its deadline, and keeps working', async () => {
      const cross = `select count(*) as n from ${Array(30).fill(name()).join(', ')}`
      await expect(warehouse.query(cross, [], { deadlineMs: 50 })).rejects.toMatchObject({ recovery: 'retry' })
      expect(await content(songs)).toHaveLength(3)
    })
  })
})

function rowsOf(cells: Cell[]): Row[] {
  return cells.map((cell, id) => ({ id, cell }))
}
