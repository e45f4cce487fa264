import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row, Table } from '#lib/core/table.ts'
import { inBatches, song, songs } from '#lib/warehouse/testing.ts'
import { rowWriter } from './row-cells.ts'
import { type Rows, withRows } from './rows.ts'

// A separate folder for spilled rows, because other tests spill at the same time.
let folder: string
const originalFolder = process.env.TMPDIR
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-rows-'))
  process.env.TMPDIR = folder
})
afterAll(async () => {
  if (originalFolder === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = originalFolder
  await rm(folder, { recursive: true, force: true })
})

const spills = () => readdir(folder)
const checkDeadline = () => undefined
const gather = <T>(rows: Row[], work: (rows: Rows) => Promise<T>) =>
  withRows({ table: songs, rows: inBatches(rows, 1000) }, checkDeadline, work)
const big = (count: number) => Array.from({ length: count }, (_, i) => song(`s${i}`, i, { title: 'x'.repeat(1000) }))

async function chunksOf(rows: Rows): Promise<string[]> {
  const chunks: string[] = []
  for await (const chunk of rows.chunks()) chunks.push(chunk)
  return chunks
}

test('few rows become one text, numbered in order', async () => {
  await gather([song('a'), song('b'), song('a', 2)], async (rows) => {
    expect(rows).toMatchObject({ distinct: 2, file: undefined })
    const at = Date.parse('2026-03-01T12:00:00.000Z')
    expect(JSON.parse(rows.single() ?? '')).toEqual([
      [0, 'a', 'Song a', 1, at],
      [1, 'b', 'Song b', 1, at],
      [2, 'a', 'Song a', 2, at],
    ])
  })
})

test('no rows become an empty array', () => gather([], async (rows) => expect(rows.single()).toBe('[]')))

test('more rows become chunks of one statement each, and none is lost', async () => {
  await gather(big(3000), async (rows) => {
    expect(rows.single()).toBeUndefined()
    const chunks = await chunksOf(rows)
    expect(chunks.length).toBeLessThanOrEqual(Math.ceil(rows.bytes / 1_000_000))
    for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(1_048_576)
    expect(chunks.flatMap((chunk) => JSON.parse(chunk)).map(([at]) => at)).toEqual(
      Array.from({ length: 3000 }, (_, i) => i),
    )
  })
})

test('a row that is larger than a statement becomes a chunk by itself', async () => {
  const rows = [song('a'), song('b', 1, { title: 'x'.repeat(2_000_000) }), song('c')]
  await gather(rows, async (gathered) => expect(await chunksOf(gathered)).toHaveLength(3))
})

test('very many rows go to a file that only this process can read', async () => {
  await gather(big(6000), async (rows) => {
    expect(await spills()).toHaveLength(1)
    expect(rows.file?.bytes).toBeLessThan(rows.bytes)
    const lines = gunzipSync(await readFile(rows.file?.path ?? ''))
      .toString()
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line)[0])).toEqual(Array.from({ length: 6000 }, (_, i) => i))
    expect((await chunksOf(rows)).flatMap((chunk) => JSON.parse(chunk))).toEqual(lines.map((line) => JSON.parse(line)))
  })
  expect(await spills()).toEqual([])
})

test.for<[string, (rows: Row[]) => AsyncGenerator<Row[]>]>([
  ['a row that does not fit', (rows) => inBatches([...rows, song('z', 1.5)], 1000)],
  [
    'rows that break off',
    async function* (rows) {
      yield* inBatches(rows, 1000)
      throw new Error('gone')
    },
  ],
])('%s leaves no file behind', async ([, rows]) => {
  await expect(
    withRows({ table: songs, rows: rows(big(6000)) }, checkDeadline, async () => undefined),
  ).rejects.toThrow()
  expect(await spills()).toEqual([])
})

test('cells are serialized exactly', () => {
  const table: Table = {
    schema: 'raw',
    name: 't',
    columns: { id: 'text', d: 'double', at: 'timestamp', on: 'date', j: 'json', b: 'boolean' },
    key: ['id'],
  }
  const write = rowWriter(table)
  const row = {
    id: 'a',
    d: -0,
    at: '1969-12-31T23:59:59.999Z',
    on: '0001-01-01',
    j: { b: [null, 'x\ud800'], a: 1 },
    b: false,
  }
  expect(write(row, 7).json).toBe('[7,"a","-0",-1,"0001-01-01",{"a":1,"b":[null,"x\ufffd"]},false]')
  expect(write({ ...row, d: 5e-324, j: null }, 8).json).toBe('[8,"a","5e-324",-1,"0001-01-01",null,false]')
  expect(write({ ...row, id: 'x\udc00' }, 0).key).toBe('["x\ufffd"]')
})
