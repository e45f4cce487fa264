import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FileFormat } from '#lib/api/lists.ts'
import type { Columns, Row } from '#lib/core/table.ts'
import { archiveOf } from './archive.ts'
import { encoders } from './index.ts'

/** Files are read back by DuckDB, which shares no code with what writes them. */

let folder: string
let duckdb: DuckDBInstance

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-files-'))
  duckdb = await DuckDBInstance.create(':memory:')
})
afterAll(async () => {
  duckdb.closeSync()
  await rm(folder, { recursive: true, force: true })
})

const columns: Columns = {
  id: 'text',
  plays: 'integer',
  share: 'double',
  explicit: 'boolean',
  played_at: 'timestamp',
  day: 'date',
  artists: 'json',
}

const ROWS: Row[] = [
  {
    id: 'Ωmega 🎵 "quoted", a\nline',
    plays: 9_007_199_254_740_991,
    share: -0.25,
    explicit: true,
    played_at: '2026-03-29T01:59:59.999Z',
    day: '2026-02-28',
    artists: [{ id: 'a', name: 'Ä' }, null],
  },
  {
    id: '',
    plays: -1,
    share: 1e-300,
    explicit: false,
    played_at: '0001-01-01T00:00:00.000Z',
    day: '9999-12-31',
    artists: 'x',
  },
  { id: null, plays: null, share: null, explicit: null, played_at: null, day: null, artists: null },
  {
    id: '=1+1',
    plays: 0,
    share: 0,
    explicit: false,
    played_at: '1969-12-31T23:59:59.001Z',
    day: '1969-12-31',
    artists: {},
  },
]

async function* inBatches(rows: Row[], size = 2): AsyncGenerator<Row[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size)
}

async function write(name: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, bytes)
  return file
}

async function read(sql: string): Promise<unknown[]> {
  const connection = await duckdb.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.disconnectSync()
  }
}

const fileOf = (format: FileFormat, rows: Row[], batch?: number) =>
  write(`rows.${format}`, encoders[format](columns, inBatches(rows, batch)))

/** Times as the files' readers print them. */
const comparable = (time: string) => `strftime(${time} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') as played_at`

test('DuckDB reads a Parquet file back with equal rows and types', async () => {
  const file = await fileOf('parquet', ROWS)
  const types = await read(`select column_name, column_type from (describe select * from '${file}')`)
  expect(Object.fromEntries(types.map((row) => Object.values(row as object)))).toEqual({
    id: 'VARCHAR',
    plays: 'BIGINT',
    share: 'DOUBLE',
    explicit: 'BOOLEAN',
    played_at: 'TIMESTAMP WITH TIME ZONE',
    day: 'DATE',
    artists: 'JSON',
  })
  const rows = await read(`select * replace (${comparable('played_at')}, plays::double as plays) from '${file}'`)
  expect(rows.map((row) => ({ ...(row as Row), artists: JSON.parse((row as { artists: string }).artists) }))).toEqual(
    ROWS.map((row) => ({ ...row })),
  )
})

test('DuckDB reads a CSV file back, with guarded texts and with null apart from an empty text', async () => {
  const file = await fileOf('csv', ROWS)
  const rows = await read(`
    select id, plays::double as plays, share, explicit, day::varchar as day, artists, ${comparable('played_at::timestamptz')}
    from read_csv('${file}', header = true, quote = '"', escape = '"', new_line = '\\r\\n',
      allow_quoted_nulls = false)`)
  const guarded = ROWS.map((row) => ({
    ...row,
    id: row.id === '=1+1' ? "'=1+1" : row.id,
    artists: row.artists === null ? null : JSON.stringify(row.artists),
  }))
  expect(rows).toEqual(guarded)
})

test('a JSON file is an array of the rows', async () => {
  for (const rows of [ROWS, []]) {
    const bytes = await buffer(encoders.json(columns, inBatches(rows)))
    expect(JSON.parse(bytes.toString())).toEqual(rows)
  }
})

test('a table without rows is a file with its columns', async () => {
  expect(await read(`select * from '${await fileOf('parquet', [])}'`)).toEqual([])
  const csv = await buffer(encoders.csv(columns, inBatches([])))
  expect(csv.toString()).toBe('\uFEFFid,plays,share,explicit,played_at,day,artists\r\n')
})

const many = (count: number, more: Row = {}): Row[] =>
  Array.from({ length: count }, (_, index) => ({ ...ROWS[0], id: `song ${index % 7}`, plays: index, ...more }))

test('100,000 rows make several row groups, which together have all of them', async () => {
  const file = await fileOf('parquet', many(100_000), 2048)
  expect(
    await read(
      `select count(*)::int as rows, sum(plays)::double as plays, count(distinct id)::int as ids from '${file}'`,
    ),
  ).toEqual([{ rows: 100_000, plays: 4_999_950_000, ids: 7 }])
  const groups = await read(
    `select distinct row_group_num_rows::int as rows from parquet_metadata('${file}') order by 1`,
  )
  expect(Math.max(...groups.map((group) => (group as { rows: number }).rows))).toBe(20_000)
})

test.for<[FileFormat, number]>([
  ['csv', 2 * 2048],
  ['json', 2 * 2048],
  ['parquet', 20_000 + 2 * 2048],
])('%s holds few of 100,000 rows at any time', async ([format, most]) => {
  let [produced, written] = [0, 0]
  async function* counted() {
    for await (const batch of inBatches(many(100_000), 2048)) {
      produced += batch.length
      yield batch
    }
  }
  for await (const _ of encoders[format](columns, counted())) {
    expect(produced - written).toBeLessThanOrEqual(most)
    written = produced
  }
  expect(produced).toBe(100_000)
})

test('wide rows end a row group early', async () => {
  const wide = many(2_000, { artists: 'x'.repeat(50_000) })
  const file = await fileOf('parquet', wide, 100)
  const groups = await read(
    `select distinct row_group_id, row_group_num_rows::int as rows from parquet_metadata('${file}')`,
  )
  expect(groups.length).toBeGreaterThan(4)
})

/** The files of an archive that stores them without compression, by its central directory. */
function stored(zip: Buffer): Record<string, string> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const files: Record<string, string> = {}
  let entry = zip.readUInt32LE(end + 16)
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    const [size, nameLength] = [zip.readUInt32LE(entry + 20), zip.readUInt16LE(entry + 28)]
    const start = zip.readUInt32LE(entry + 42)
    const content = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28)
    files[zip.toString('utf8', entry + 46, entry + 46 + nameLength)] = zip.toString('utf8', content, content + size)
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32)
  }
  return files
}

async function* texts(...parts: string[]): AsyncGenerator<Uint8Array, void> {
  for (const part of parts) yield Buffer.from(part)
}

test('an archive has every file', async () => {
  const files = [
    { name: 'README.txt', bytes: texts('Hello') },
    { name: 'raw/ä.csv', bytes: texts('a,b\r\n', '1,2\r\n') },
    { name: 'empty.csv', bytes: texts() },
  ]
  const zip = await buffer(archiveOf(files))
  expect(stored(zip)).toEqual({ 'README.txt': 'Hello', 'raw/ä.csv': 'a,b\r\n1,2\r\n', 'empty.csv': '' })
})

test('an archive that is not read to its end returns the file that it was reading', async () => {
  const returned: string[] = []
  async function* endless(name: string): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) yield Buffer.from(name)
    } finally {
      returned.push(name)
    }
  }
  const archive = archiveOf([
    { name: 'first', bytes: texts('done') },
    { name: 'second', bytes: endless('second') },
    { name: 'third', bytes: endless('third') },
  ])
  for (let part = 0; part < 10; part++) await archive.next()
  await archive.return()
  expect(returned).toEqual(['second'])
})

test('an archive fails with the file that fails', async () => {
  async function* failing(): AsyncGenerator<Uint8Array, void> {
    yield Buffer.from('a')
    throw new Error('disk')
  }
  await expect(buffer(archiveOf([{ name: 'a', bytes: failing() }]))).rejects.toThrow('disk')
})
