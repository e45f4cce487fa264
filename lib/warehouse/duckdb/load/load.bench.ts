import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBAppender, DuckDBInstance, timestampValue } from '@duckdb/node-api'
import type { Cell, ColumnType, Row, Table } from '#lib/core/table.ts'
import { SQL_TYPES } from '#lib/warehouse/duckdb/cells.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import type { EmbeddedWarehouse, Load } from '#lib/warehouse/warehouse.ts'
import { quantile, timed } from '#scripts/bench/timing.ts'

const ROWS = 50_000
const COLUMNS: [ColumnType, number][] = [
  ['text', 22],
  ['integer', 6],
  ['double', 7],
  ['boolean', 1],
  ['timestamp', 2],
  ['json', 2],
]
const TOP_LIST = 50
const REPEATS = 3
const QUERIES = 200

/** Milliseconds; of repeated measurements the median. */
export interface LoadBench {
  rows: number
  columns: number
  /** The baseline: rows in memory to a committed table with nothing but DuckDB's own appender. */
  bareAppenderMs: number
  firstLoadMs: number
  /** firstLoadMs / bareAppenderMs; the target is at most 2.5. */
  ratio: number
  sameAgainMs: number
  oneRowChangedMs: number
  topListMs: number
  queryMs: { median: number; p95: number }
}

/** Measures loads and queries of a warehouse in a temporary folder. */
export async function benchLoad(): Promise<LoadBench> {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-bench-'))
  try {
    return await measure(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string): Promise<LoadBench> {
  const rows = makeRows(ROWS)
  const bare: number[] = []
  const first: number[] = []
  const again: number[] = []
  const changed: number[] = []
  for (let round = 0; round < REPEATS; round++) {
    bare.push(await bareAppender(join(folder, `bare-${round}.duckdb`), rows))
    const warehouse = await openDuckdb(join(folder, `load-${round}.duckdb`))
    first.push(await timedLoad(warehouse, wide, rows))
    again.push(await timedLoad(warehouse, wide, rows))
    changed.push(await timedLoad(warehouse, wide, [{ ...rows[0], c1: 'another' }, ...rows.slice(1)]))
    await warehouse.erase()
  }
  const bareAppenderMs = quantile(bare, 0.5)
  const firstLoadMs = quantile(first, 0.5)
  return {
    rows: ROWS,
    columns: Object.keys(wide.columns).length,
    bareAppenderMs,
    firstLoadMs,
    ratio: firstLoadMs / bareAppenderMs,
    sameAgainMs: quantile(again, 0.5),
    oneRowChangedMs: quantile(changed, 0.5),
    ...(await small(folder)),
  }
}

async function small(folder: string): Promise<Pick<LoadBench, 'topListMs' | 'queryMs'>> {
  const warehouse = await openDuckdb(join(folder, 'small.duckdb'))
  const topList: Table = { ...wide, name: 'top_list' }
  const loads: number[] = []
  for (let round = 0; round < 20; round++) loads.push(await timedLoad(warehouse, topList, makeRows(TOP_LIST, round)))
  const sql = `select c1, count(*) as plays from ${warehouse.table('raw', 'top_list')} where c22 >= ? group by c1 order by plays desc`
  const queries: number[] = []
  for (let round = 0; round < QUERIES; round++) queries.push(await timed(() => warehouse.query(sql, [round])))
  await warehouse.erase()
  return { topListMs: quantile(loads, 0.5), queryMs: { median: quantile(queries, 0.5), p95: quantile(queries, 0.95) } }
}

const wide: Table = {
  schema: 'raw',
  name: 'wide',
  columns: Object.fromEntries(
    COLUMNS.flatMap(([type, times]) => Array<ColumnType>(times).fill(type)).map((type, index) => [`c${index}`, type]),
  ),
  key: ['c0'],
}

/** One cell in eleven is null, and texts repeat as titles and names do. */
function makeRows(count: number, seed = 0): Row[] {
  const types = Object.entries(wide.columns)
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(types.map(([name, type], index) => [name, makeCell(type, row, index, seed)])),
  )
}

function makeCell(type: ColumnType, row: number, index: number, seed: number): Cell {
  if (index === 0) return `id-${row}`
  if ((row * index) % 11 === 3) return null
  if (type === 'text') return `a text of usual length ${(row + seed) % 977} ${index}`
  if (type === 'integer') return row * index + seed
  if (type === 'double') return (row + seed) / (index + 1)
  if (type === 'boolean') return row % 2 === 0
  if (type === 'timestamp') return new Date(1.6e12 + row * 1000).toISOString()
  return { href: `https://example.org/${row}`, total: index, images: [1, 2] }
}

async function timedLoad(warehouse: EmbeddedWarehouse, table: Table, rows: Row[]): Promise<number> {
  const load: Load = {
    readId: crypto.randomUUID(),
    runId: 'bench',
    stream: table.name,
    table,
    mode: 'overwrite',
    rows: (async function* () {
      yield rows
    })(),
  }
  return timed(() => warehouse.load(load))
}

async function bareAppender(path: string, rows: Row[]): Promise<number> {
  const instance = await DuckDBInstance.fromCache(path, { threads: '2', default_block_size: '65536' })
  const connection = await instance.connect()
  const columns = Object.entries(wide.columns)
  await connection.run(`create table bare (${columns.map(([name, type]) => `${name} ${SQL_TYPES[type]}`).join(', ')})`)
  const elapsed = await timed(async () => {
    await connection.run('begin')
    const appender = await connection.createAppender('bare')
    for (const row of rows) {
      for (const [name, type] of columns) appendBare(appender, type, row[name] ?? null)
      appender.endRow()
    }
    appender.closeSync()
    await connection.run('commit')
  })
  connection.disconnectSync()
  instance.closeSync()
  return elapsed
}

function appendBare(appender: DuckDBAppender, type: ColumnType, cell: Cell): void {
  if (cell === null) appender.appendNull()
  else if (type === 'integer') appender.appendBigInt(BigInt(Number(cell)))
  else if (type === 'timestamp') appender.appendTimestamp(timestampValue(BigInt(Date.parse(String(cell))) * 1000n))
  else if (typeof cell === 'string') appender.appendVarchar(cell)
  else if (typeof cell === 'number') appender.appendDouble(cell)
  else if (typeof cell === 'boolean') appender.appendBoolean(cell)
  else appender.appendVarchar(JSON.stringify(cell))
}
