import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Row, Table } from '#lib/core/table.ts'
import { inBatches, loadOf, song, songs } from '#lib/warehouse/testing.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { openDuckdb } from './duckdb.ts'
import { openFiles } from './handles.ts'

let folder: string
let warehouse: EmbeddedWarehouse

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-copy-'))
  warehouse = await openDuckdb(join(folder, 'listener.duckdb'))
})
afterEach(async () => {
  await warehouse.erase()
  await rm(folder, { recursive: true, force: true })
})

async function gather(batches: AsyncIterable<Row[]>): Promise<Row[][]> {
  const all: Row[][] = []
  for await (const batch of batches) all.push(batch)
  return all
}

const library = (count: number, plays = 1) => Array.from({ length: count }, (_, i) => song(`s${i}`, plays))

test('returns every row, in batches', async () => {
  await warehouse.load(loadOf([], { rows: inBatches(library(10_000), 1000) }))
  const batches = await gather(warehouse.rowsOf(songs))
  expect(batches.length).toBeGreaterThan(2)
  expect(
    batches.flat().sort((a, b) => Number(String(a.song_id).slice(1)) - Number(String(b.song_id).slice(1))),
  ).toEqual(library(10_000))
})

test('returns cells as loads accept them, with JSON parsed', async () => {
  const table: Table = {
    schema: 'raw',
    name: 'cells',
    columns: { id: 'integer', j: 'json', at: 'timestamp', on: 'date', d: 'double' },
    key: ['id'],
  }
  const rows = [
    { id: 1, j: { a: [1, null] }, at: '2026-03-01T12:00:00.123Z', on: '0001-01-01', d: -0 },
    { id: 2, j: null, at: null, on: null, d: null },
  ]
  await warehouse.load(loadOf(rows, { table }))
  expect((await gather(warehouse.rowsOf(table))).flat()).toEqual(rows)
})

test('a column that the table does not have yet is null', async () => {
  await warehouse.load(loadOf([song('a')]))
  const wider: Table = { ...songs, columns: { ...songs.columns, explicit: 'boolean' } }
  expect((await gather(warehouse.rowsOf(wider))).flat()).toEqual([song('a', 1, { explicit: null })])
})

test('a missing table has no rows', async () => {
  expect(await gather(warehouse.rowsOf(songs))).toEqual([])
})

test('shows one moment: a load in between is not visible', async () => {
  await warehouse.load(loadOf([], { rows: inBatches(library(10_000), 1000) }))
  const seen: Row[] = []
  for await (const batch of warehouse.rowsOf(songs)) {
    if (seen.length === 0) await warehouse.load(loadOf([song('other', 2)]))
    seen.push(...batch)
  }
  expect(seen).toHaveLength(10_000)
  expect(new Set(seen.map(({ plays }) => plays))).toEqual(new Set([1]))
})

test('releases the reader slot and the file, even if the consumer stops or fails', async () => {
  await warehouse.load(loadOf([], { rows: inBatches(library(5000), 1000) }))
  for (let round = 0; round < 10; round++) {
    for await (const _ of warehouse.rowsOf(songs)) break
    const failing = async () => {
      for await (const _ of warehouse.rowsOf(songs)) throw new Error('enough')
    }
    await expect(failing()).rejects.toThrow('enough')
  }
  expect(await warehouse.query('select 1 as one', [])).toEqual([{ one: 1 }])
  const before = openFiles()
  await warehouse.close()
  expect(openFiles()).toBe(before - 1)
})

test('the file can be opened again after rows that were not read to their end', async () => {
  await warehouse.load(loadOf([], { rows: inBatches(library(20_000), 1000) }))
  const unread = warehouse.rowsOf(songs)[Symbol.asyncIterator]()
  await unread.next()
  await unread.return?.()
  const [first] = await warehouse.query('select range as n from range(1000000000)', [], { limit: 1 })
  expect(first).toEqual({ n: 0 })
  await warehouse.close()
  expect(await warehouse.query('select count(*) as songs from raw.songs', [])).toEqual([{ songs: 20_000 }])
})
