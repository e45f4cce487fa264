import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type DuckDBConnection, DuckDBInstance, version } from '@duckdb/node-api'
import { messageOf } from '#lib/core/errors.ts'
import type { Columns, ColumnType } from '#lib/core/table.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import type { CatalogEntry } from '#lib/warehouse/warehouse.ts'
import { readCatalog } from './catalog.ts'
import { SQL_TYPES } from './cells.ts'
import type { ExportedColumn, ExportedFile, ExportJob, ExportMessage } from './export.ts'
import { all } from './statements.ts'
import { qualified } from './tables.ts'

/**
 * The process that exports a snapshot. The first line of its input is the job; the input stays open as long as the parent
 * lives. Each line of its output is a message.
 */

/** Part of every digest: raised when the files of the same rows would differ, so that all are written again. */
const FORMAT = 1

const OPTIONS = {
  access_mode: 'READ_ONLY',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  memory_limit: '256MB',
  max_temp_directory_size: '4GB',
  threads: '2',
}

/** JSON is text in a file, because few readers know the type. */
const FILE_TYPES: Record<ColumnType, string> = { ...SQL_TYPES, json: 'VARCHAR' }

const text = (value: string) => `'${value.replaceAll("'", "''")}'`

/** A connection that reads the snapshot and writes to the folder, and can do nothing else with files. */
async function open({ snapshot, folder }: ExportJob): Promise<DuckDBConnection> {
  const spill = join(folder, 'spill')
  mkdirSync(spill, { recursive: true })
  const instance = await DuckDBInstance.create(snapshot, { ...OPTIONS, temp_directory: spill })
  const connection = await instance.connect()
  // The driver refuses the first of these as an option, and each works only in this order.
  await connection.run(`set allowed_directories = [${text(`${folder}/`)}]`)
  await connection.run('set enable_external_access = false')
  await connection.run('set lock_configuration = true')
  return connection
}

interface Source {
  name: string
  format: ExportedFile['format']
  schema: ExportedFile['schema']
  isView: boolean
  columns: Columns
  /** Its rows, with the columns in lower case. */
  sql: string
  orderBy: string
}

const safeName = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .slice(0, 100)

const lowerCase = (columns: Columns): Columns =>
  Object.fromEntries(Object.entries(columns).map(([name, type]) => [name.toLowerCase(), type]))

function tableSource(table: CatalogEntry, key: string[] | undefined): Source {
  const cells = Object.entries(table.columns).map(
    ([name, type]) => `cast(${quote(name)} as ${FILE_TYPES[type]}) as ${quote(name.toLowerCase())}`,
  )
  return {
    name: safeName(table.name),
    format: 'parquet',
    schema: table.schema,
    isView: table.isView,
    columns: lowerCase(table.columns),
    sql: `select ${cells.join(', ')} from ${qualified(table)}`,
    orderBy: key ? key.map((name) => quote(name.toLowerCase())).join(', ') : 'all',
  }
}

function sourcesOf(catalog: CatalogEntry[], { tables, keys, extracts }: ExportJob): Source[] {
  const found = new Map<string, Source>()
  const existing = new Set(catalog.map(({ schema, name }) => `${schema}.${name}`))
  for (const table of catalog) {
    const pattern = tables[table.schema]
    if (!pattern || !new RegExp(pattern).test(table.name)) continue
    const key = keys[`${table.schema}.${table.name}`]?.filter((name) => name in table.columns)
    const source = tableSource(table, key?.length ? key : undefined)
    if (!found.has(source.name)) found.set(source.name, source)
  }
  for (const { name, columns, queries } of extracts) {
    const query = queries.find(({ requires }) => requires.every((table) => existing.has(table)))
    if (query)
      found.set(name, { name, format: 'csv', schema: null, isView: false, columns, sql: query.sql, orderBy: 'all' })
  }
  return [...found.values()]
}

/** Ids of columns that were there before stay; new columns get ids that no column had. */
function withFieldIds(columns: Columns, fields: Record<string, number>): ExportedColumn[] {
  let last = Math.max(0, ...Object.values(fields))
  return Object.entries(columns).map(([name, type]) => ({ name, type, id: fields[name] ?? ++last }))
}

/** The number of rows, and a digest of them and of the columns. The sum of hashes does not depend on the order. */
async function contentOf(connection: DuckDBConnection, { sql, columns }: Source) {
  const [row = []] = await all(
    connection,
    `select count(*), coalesce(sum(cast(hash(content) as hugeint)), 0)::varchar from (${sql}) content`,
  )
  const shape = Object.entries(columns).map((column) => column.join(':'))
  return { rows: Number(row[0]), digest: [FORMAT, version(), shape.join(','), row[0], row[1]].join(' ') }
}

async function write(
  connection: DuckDBConnection,
  { sql, orderBy, format }: Source,
  columns: ExportedColumn[],
  path: string,
) {
  const ids = columns.map(({ name, id }) => `${quote(name)}: ${id}`).join(', ')
  const options = format === 'csv' ? 'format csv, header' : `format parquet, compression zstd, field_ids {${ids}}`
  await connection.run(`copy (select * from (${sql}) order by ${orderBy}) to ${text(path)} (${options})`)
}

async function exportOne(connection: DuckDBConnection, source: Source, job: ExportJob): Promise<ExportedFile> {
  const { name, format, schema } = source
  const known = job.known[name]
  const columns = withFieldIds(source.columns, known?.fields ?? {})
  const { rows, digest } = await contentOf(connection, source)
  const path = digest === known?.digest ? null : join(job.folder, `${name}.${format}`)
  if (path) await write(connection, source, columns, path)
  return { name, format, schema, columns, rows, digest, path }
}

/** A view that no longer fits its tables must not keep the others from being exported. */
async function exportOrExplain(connection: DuckDBConnection, source: Source, job: ExportJob): Promise<ExportMessage> {
  try {
    return { type: 'file', file: await exportOne(connection, source, job) }
  } catch (error) {
    const problem = messageOf(error)
    if (!source.isView || !/^(Catalog|Binder) Error/.test(problem)) throw error
    return { type: 'broken view', name: source.name, problem }
  }
}

const send = (message: ExportMessage) => process.stdout.write(`${JSON.stringify(message)}\n`)

async function run(job: ExportJob): Promise<void> {
  const connection = await open(job)
  const sources = sourcesOf(await readCatalog(connection), job)
  send({ type: 'start', total: sources.length })
  for (const source of sources) send(await exportOrExplain(connection, source, job))
  send({ type: 'done' })
  connection.disconnectSync()
}

const end = () => process.kill(process.pid, 'SIGKILL')
process.stdin.on('end', end).on('error', end)
process.stdout.on('error', end)

const lines = createInterface({ input: process.stdin })
lines.once('line', async (line) => {
  try {
    await run(JSON.parse(line))
  } catch (error) {
    process.stderr.write(messageOf(error))
    process.exitCode = 1
  }
  process.stdin.off('end', end)
  lines.close()
  process.stdin.destroy()
})
