import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Dialect, parse } from '@polyglot-sql/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PUBLISHED } from '#lib/lake/tables.ts'
import { buildModels } from '#lib/models/build.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { exportFiles } from '#lib/warehouse/duckdb/export.ts'
import { writeHistory } from '#testing/models/history.ts'

/** The queries in docs/bi.md, on published files of a long history. */

const DOCUMENT = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'bi.md'), 'utf8')
const QUERIES = [...DOCUMENT.matchAll(/```sql\n-- (\w[\w ]*)\n(.*?)```/gs)].map(
  ([, tool = '', sql = '']) => [tool, sql] as const,
)

let folder: string
let duckdb: DuckDBInstance

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-bi-'))
  const snapshot = join(folder, 'listener.duckdb')
  const warehouse = await openDuckdb(snapshot)
  await writeHistory(warehouse, { plays: 2_000, until: '2026-11-29T20:00:00.000Z' })
  await buildModels(warehouse)
  await warehouse.close()
  await mkdir(join(folder, 'files'))
  duckdb = await DuckDBInstance.create()
  const connection = await duckdb.connect()
  const job = { ...PUBLISHED, extracts: [], snapshot, folder: join(folder, 'files'), known: {} }
  for await (const message of exportFiles(job))
    if (message.type === 'file')
      await connection.run(`create view ${message.file.name} as select * from '${message.file.path}'`)
  connection.disconnectSync()
})
afterAll(async () => {
  duckdb.closeSync()
  await rm(folder, { recursive: true, force: true })
})

test('there is a query for each tool', () => {
  expect(QUERIES.map(([tool]) => tool)).toEqual(['Power BI', 'Metabase', 'Superset', 'QuickSight'])
})

test.for(QUERIES)('the query of %s runs on published files, and is SQL to Snowflake and Athena', async ([, sql]) => {
  const connection = await duckdb.connect()
  const reader = await connection.runAndReadAll(sql)
  expect(reader.currentRowCount).toBeGreaterThan(10)
  for (const dialect of [Dialect.Snowflake, Dialect.Athena]) expect(parse(sql, dialect).error).toBeNull()
  connection.disconnectSync()
})
