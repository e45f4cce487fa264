import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MINUTE } from '#lib/core/clock.ts'
import { inBatches, loadOf, song, songs } from '#lib/warehouse/testing.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { duckdbDamage, openDuckdb, setDuckdbAside } from './duckdb.ts'
import { openFiles } from './handles.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-duckdb-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const fileOf = (name: string) => join(folder, name, 'listener.duckdb')
const count = async (warehouse: EmbeddedWarehouse) =>
  (await warehouse.query(`select count(*) as n from ${warehouse.table('raw', 'songs')}`, []))[0]?.n

describe('files', () => {
  test('creates a folder that only its owner can read', async () => {
    const warehouse = await openDuckdb(fileOf('new'))
    expect((await stat(join(folder, 'new'))).mode & 0o777).toBe(0o700)
    await warehouse.close()
  })

  test('two opens of one file share it: no write is lost', async () => {
    const one = await openDuckdb(fileOf('shared'))
    const other = await openDuckdb(relative(process.cwd(), fileOf('shared')))
    const before = openFiles()
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).load(loadOf([song(`s${i}`)], { mode: 'merge' }))),
    )
    expect(openFiles()).toBe(before)
    expect(await count(one)).toBe(20)
    expect(await count(other)).toBe(20)
    await one.close()
  })

  test('at most 64 files are open, 16 of them idle; the others reopen when they are used', {
    timeout: 30_000,
  }, async () => {
    const first = await openDuckdb(fileOf('first'))
    await first.load(loadOf([song('a')]))
    let maxOpen = 0
    const opening = Array.from({ length: 70 }, async (_, i) => {
      const other = await openDuckdb(fileOf(String(i)))
      maxOpen = Math.max(maxOpen, openFiles())
      return other
    })
    const others = await Promise.all(opening)
    expect(maxOpen).toBe(64)
    await vi.waitFor(() => expect(openFiles()).toBe(16))
    await Promise.all(others.map((warehouse) => warehouse.query('select 1', [])))
    expect(await count(first)).toBe(1)
    await vi.waitFor(() => expect(openFiles()).toBe(16))
    await Promise.all([first, ...others].map((warehouse) => warehouse.erase()))
    expect(openFiles()).toBe(0)
  })

  test('closing waits for running work, and a closed warehouse reopens', async () => {
    const warehouse = await openDuckdb(fileOf('closing'))
    const ended: string[] = []
    const library = Array.from({ length: 5000 }, (_, i) => song(`s${i}`))
    const load = warehouse.load(loadOf([], { rows: inBatches(library, 500) })).then(() => ended.push('load'))
    await Promise.all([load, warehouse.close().then(() => ended.push('close'))])
    expect(ended).toEqual(['load', 'close'])
    expect(openFiles()).toBe(0)
    expect(await count(warehouse)).toBe(5000)
    await warehouse.close()
  })

  test('erasing waits for running work and removes every file', async () => {
    const warehouse = await openDuckdb(fileOf('erased'))
    const ended: string[] = []
    const load = warehouse.load(loadOf([song('a')])).then(() => ended.push('load'))
    await Promise.all([load, warehouse.erase().then(() => ended.push('erase'))])
    expect(ended).toEqual(['load', 'erase'])
    expect(await readdir(join(folder, 'erased'))).toEqual([])
    expect(await warehouse.existing('raw', ['songs'])).toEqual([])
    await warehouse.erase()
  })

  test('closes a file that nobody has used for five minutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const warehouse = await openDuckdb(fileOf('idle'))
      await warehouse.load(loadOf([song('a')]))
      vi.advanceTimersByTime(4 * MINUTE)
      expect(await count(warehouse)).toBe(1)
      vi.advanceTimersByTime(4 * MINUTE)
      expect(openFiles()).toBe(1)
      vi.advanceTimersByTime(MINUTE)
      await vi.waitFor(() => expect(openFiles()).toBe(0))
      expect(await count(warehouse)).toBe(1)
      await warehouse.close()
    } finally {
      vi.useRealTimers()
    }
  })

  test('opening a file removes the temporary files of a killed process', async () => {
    const leftover = join(folder, 'listener.duckdb.tmp', 'duckdb_temp_storage_DEFAULT-0.tmp')
    await mkdir(dirname(leftover))
    await writeFile(leftover, 'leftover')
    const warehouse = await openDuckdb(join(folder, 'listener.duckdb'))
    await expect(stat(leftover)).rejects.toThrow('ENOENT')
    await warehouse.close()
  })

  test('erases a closed warehouse', async () => {
    const warehouse = await openDuckdb(fileOf('erased'))
    await warehouse.close()
    await warehouse.erase()
    expect(await readdir(join(folder, 'erased'))).toEqual([])
  })

  test('refuses a damaged file with a remedy, and opens it once it is replaced', async () => {
    const path = join(folder, 'damaged.duckdb')
    await writeFile(path, 'no database at all '.repeat(5000))
    await expect(openDuckdb(path)).rejects.toMatchObject({
      recovery: 'stop',
      remedy: expect.stringContaining('loaded again'),
    })
    await rm(path)
    const warehouse = await openDuckdb(path)
    expect(await warehouse.query('select 1 as one', [])).toEqual([{ one: 1 }])
    await warehouse.close()
  })

  test('remembers a damaged block of a file that still opens, also after a restart, until the file is set aside', async () => {
    const path = fileOf('block')
    const warehouse = await openDuckdb(path)
    await warehouse.load(loadOf(Array.from({ length: 20_000 }, (_, i) => song(`song ${i}`))))
    await warehouse.close()
    expect(await duckdbDamage(path)).toBeNull()
    const bytes = await readFile(path)
    const middle = Math.floor(bytes.length / 3)
    await writeFile(path, bytes.fill(0, middle, middle + 16_384))
    const reopened = await openDuckdb(path)
    const reading = reopened.query(`select max(hash(t)) as n from ${reopened.table('raw', 'songs')} t`, [])
    await expect(reading).rejects.toMatchObject({ recovery: 'stop', remedy: expect.stringContaining('Rebuild') })
    expect(await duckdbDamage(path)).toMatchObject({ message: expect.stringContaining('damaged') })
    await reopened.close()
    vi.resetModules()
    Reflect.deleteProperty(globalThis, Symbol.for('tracklake.duckdb.files'))
    const { duckdbDamage: damageAfterRestart } = await import('./duckdb.ts')
    expect(await damageAfterRestart(path)).toMatchObject({ message: expect.stringContaining('damaged') })
    await setDuckdbAside(path)
    expect(await duckdbDamage(path)).toBeNull()
    await (await openDuckdb(path)).close()
    expect(await duckdbDamage(path)).toBeNull()
  })

  test('keeps a file that was set aside earlier', async () => {
    const path = fileOf('aside')
    for (const content of ['first', 'second']) {
      await (await openDuckdb(path)).close()
      await writeFile(path, content)
      await setDuckdbAside(path)
    }
    const names = (await readdir(dirname(path))).toSorted()
    expect(names).toEqual(['listener.duckdb.damaged', 'listener.duckdb.damaged-2'])
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe('first')
  })

  test('replaces an empty file that a crash left behind', async () => {
    const path = join(folder, 'empty.duckdb')
    await writeFile(path, '')
    const warehouse = await openDuckdb(path)
    await warehouse.load(loadOf([song('a')]))
    expect(await count(warehouse)).toBe(1)
    await warehouse.close()
  })
})

describe('queries', () => {
  let warehouse: EmbeddedWarehouse

  beforeEach(async () => {
    warehouse = await openDuckdb(fileOf('queried'))
    await warehouse.load(loadOf([song('a')]))
  })
  afterEach(() => warehouse.erase())

  test.for([
    "select * from enable_logging(storage = 'file', storage_config = {'path': '/tmp'})",
    'select * from ENABLE_LOGGING()',
    'from raw.songs where song_id in (select x from (select 1 as x from checkpoint()))',
    "with a as (from query('select 1')) select * from a",
    'select system.main.write_log(title) from raw.songs',
    'select sleep_ms(100000)',
    "select * from read_text('/etc/hostname')",
    "select * from '/etc/hostname'",
    "select * from glob('*')",
    'from duckdb_settings()',
    "attach 'other.duckdb' as other",
    "copy raw.songs to 'songs.csv'",
    'set threads = 8',
    'pragma database_list',
    'explain analyze delete from raw.songs',
  ])('refuses %s', async (sql) => {
    await expect(warehouse.query(sql, [])).rejects.toMatchObject({ recovery: 'stop' })
    expect(await count(warehouse)).toBe(1)
  })

  test('refuses SQL that is longer than 64 KB', async () => {
    await expect(warehouse.query(`select '${'x'.repeat(70_000)}'`, [])).rejects.toMatchObject({ recovery: 'stop' })
  })

  test.for([
    'select * from range(3) r, raw.songs',
    'with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select * from n, raw.songs',
    'select unnest([1, 2, 3]) as i from raw.songs',
    'from raw.songs, generate_series(1, 3)',
    'select key from raw.songs, json_each(\'{"a": 1, "b": 2, "c": 3}\')',
  ])('runs %s', async (sql) => {
    expect(await warehouse.query(sql, [])).toHaveLength(3)
  })

  test('returns lists, structs, times and infinite values in a form that JSON can hold', async () => {
    const [row] = await warehouse.query(
      `select [1, 2] as list, {'a': 1::bigint, 'b': null} as struct, time '12:30:00' as time,
              timestamptz '2026-03-01 12:00:00+02' as zoned, timestamp_ms '1969-12-31 23:59:59.999' as ms,
              timestamp '1969-12-31 23:59:59.999001' as micros, 'infinity'::timestamp as never,
              'nan'::double as nan, sum(170141183460469231::hugeint) as huge, interval 2 day as span`,
      [],
    )
    expect(row).toEqual({
      list: [1, 2],
      struct: { a: 1, b: null },
      time: '12:30:00',
      zoned: '2026-03-01T10:00:00.000Z',
      ms: '1969-12-31T23:59:59.999Z',
      micros: '1969-12-31T23:59:59.999Z',
      never: null,
      nan: null,
      huge: Number(170141183460469231n),
      span: '2 days',
    })
  })

  test('an interrupted query does not affect the others', async () => {
    const endless = warehouse.query('select count(*) as n from range(1000000000000) where hash(range) % 7 = 1', [], {
      deadlineMs: 100,
    })
    const others = Array.from({ length: 20 }, () => count(warehouse))
    await expect(endless).rejects.toMatchObject({ recovery: 'retry' })
    expect(new Set(await Promise.all(others))).toEqual(new Set([1]))
  })
})

test('the ledger holds read, run, stream, table and counts', async () => {
  const warehouse = await openDuckdb(fileOf('ledger'), { now: () => new Date('2026-03-01T12:00:00Z') })
  await warehouse.load(loadOf([song('a'), song('b')], { readId: 'r1', runId: 'run-7', stream: 'saved' }))
  expect(await warehouse.query('select * from tracklake.loads', [])).toEqual([
    {
      read_id: 'r1',
      stream: 'saved',
      table_name: songs.name,
      run_id: 'run-7',
      rows_new: 2,
      rows_changed: 0,
      rows_unchanged: 0,
      rows_removed: 0,
      loaded_at: '2026-03-01T12:00:00.000Z',
    },
  ])
  await warehouse.erase()
})
