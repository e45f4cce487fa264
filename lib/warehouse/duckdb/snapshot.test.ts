import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadOf, song, songs } from '#lib/warehouse/testing.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { openDuckdb } from './duckdb.ts'

let folder: string
let file: string
let copy: string
let warehouse: EmbeddedWarehouse

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-snapshot-'))
  file = join(folder, 'listener.duckdb')
  copy = join(folder, 'copy.duckdb')
  warehouse = await openDuckdb(file)
  await warehouse.load(loadOf(Array.from({ length: 5_000 }, (_, index) => song(`s${index}`))))
})
afterEach(async () => {
  await warehouse.erase()
  await rm(folder, { recursive: true, force: true })
})

/** What DuckDB says when another process opens the file to write. */
function openElsewhere(): Promise<string> {
  const source = `import('@duckdb/node-api').then(({ DuckDBInstance }) => DuckDBInstance.create(process.argv[1]))
    .then(() => process.stdout.write('opened'), (error) => process.stdout.write(error.message))`
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', source, '--', file], (_, stdout) => resolve(stdout))
  })
}

async function songsIn(path: string): Promise<number> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
  try {
    const connection = await instance.connect()
    const rows = (
      await connection.runAndReadAll(`select count(*) from ${warehouse.table('raw', songs.name)}`)
    ).getRows()
    connection.disconnectSync()
    return Number(rows[0]?.[0])
  } finally {
    instance.closeSync()
  }
}

test('a snapshot has every row, and the live file stays locked', async () => {
  expect(await openElsewhere()).toContain('Could not set lock')
  await warehouse.snapshot(copy)
  expect(await songsIn(copy)).toBe(5_000)
  expect(existsSync(`${copy}.wal`)).toBe(false)
  expect(await openElsewhere()).toContain('Could not set lock')
  await warehouse.load(loadOf([song('later')]))
  expect(await songsIn(copy)).toBe(5_000)
})

// Windows has locks of another kind.
test.runIf(process.platform !== 'win32')('opening the file in the same process drops its lock', async () => {
  await (await open(file)).close()
  expect(await openElsewhere()).toBe('opened')
})

test('a snapshot is made beside queries and downloads, and waits for loads', async () => {
  const download = warehouse.rowsOf(songs)[Symbol.asyncIterator]()
  await download.next()
  const [, , counts] = await Promise.all([
    warehouse.load(loadOf([song('during')])),
    warehouse.snapshot(copy),
    warehouse.query('select count(*) as n from range(1000000)', []),
  ])
  expect(counts).toEqual([{ n: 1_000_000 }])
  expect(await songsIn(copy)).toBe(1)
  expect((await download.next()).value).toHaveLength(2_048)
  await download.return?.()
})

test('a copy that cannot be made leaves the warehouse as it was', async () => {
  await expect(warehouse.snapshot(join(folder, 'none', 'copy.duckdb'))).rejects.toMatchObject({
    message: 'The built-in warehouse could not be copied',
  })
  expect(await warehouse.query('select 1 as one', [])).toEqual([{ one: 1 }])
})
