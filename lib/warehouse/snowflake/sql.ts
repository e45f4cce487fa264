import type { Columns, ColumnType, Schema, Table } from '#lib/core/table.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import { SCHEMA_SUFFIXES } from './setup/identifier.ts'

/**
 * SQL text with the values bound to its `?`, in the order of the text. A piece is built from pieces only, never from
 * foreign text: names go through `named`, values through `bound`.
 */
export interface Sql {
  text: string
  values: Bind[]
}

/** The driver sends a string as TEXT, an integer as FIXED, a boolean as BOOLEAN. We never bind anything else. */
export type Bind = string | number | boolean | null

const LINE_BREAK = /\s*\n\s*/g

/** A template of literal SQL and pieces of SQL. */
export function sql(texts: TemplateStringsArray, ...pieces: Sql[]): Sql {
  const text = texts.map((written, index) => written.replaceAll(LINE_BREAK, ' ') + (pieces[index]?.text ?? '')).join('')
  return { text: text.trim(), values: pieces.flatMap(({ values }) => values) }
}

/** A value that is sent beside the text. */
export function bound(value: Bind): Sql {
  return { text: '?', values: [value] }
}

export function joined(pieces: Sql[], separator: ', ' | ' AND ' | ' OR ' | ' UNION ALL ' | ' || CHR(31) || '): Sql {
  return { text: pieces.map(({ text }) => text).join(separator), values: pieces.flatMap(({ values }) => values) }
}

/** One of our columns or tables in upper case, as Snowflake folds unquoted names, with the alias as a prefix if there is one. */
export function named(name: string, alias?: Alias): Sql {
  return raw(alias ? `${alias}.${upper(name)}` : upper(name))
}

export type Alias = 's' | 't' | 'h' | 'c'

export function allNamed(names: string[], alias?: Alias): Sql {
  return joined(
    names.map((name) => named(name, alias)),
    ', ',
  )
}

/** Where the tables of a connection are. */
export interface Place {
  database: string
  /** The schema of raw tables; the other schemas use it as a prefix. */
  schema: string
}

/** The schema's name as Snowflake stores it. */
export function schemaName(place: Place, schema: Schema): string {
  return place.schema + SCHEMA_SUFFIXES[schema]
}

/** The quoted, fully qualified name of a table, so that nothing depends on the session's current schema. */
export function tableName(place: Place, { schema, name }: Pick<Table, 'schema' | 'name'>): Sql {
  return raw(`${quote(place.database)}.${quote(schemaName(place, schema))}.${upper(name)}`)
}

/** The quoted name of a schema. */
export function schemaPath(place: Place, schema: Schema = 'raw'): Sql {
  return raw(`${quote(place.database)}.${quote(schemaName(place, schema))}`)
}

/** The quoted name of a table or view within the connection's database, in which every session starts. */
export function nameInDatabase(place: Place, schema: Schema, name: string): string {
  return `${quote(schemaName(place, schema))}.${upper(name)}`
}

/** A SELECT or another statement of a model: our own text, whose line breaks end comments. */
export function modelSql(text: string): Sql {
  return raw(`${text.trim()}\n`)
}

/** A name exactly as Snowflake stores it: a database, a warehouse, a role. */
export function exact(name: string): Sql {
  return raw(quote(name))
}

/** The name of a table or column as Snowflake stores it. */
export function storedName(name: string): string {
  return name.toUpperCase()
}

/** The name of each column type in a declaration. */
const SQL_TYPES: Record<ColumnType, string> = {
  text: 'VARCHAR',
  integer: 'NUMBER(38,0)',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_NTZ(3)',
  date: 'DATE',
  json: 'VARIANT',
}

/** The name of each column type in Snowflake's catalog. */
export const CATALOG_TYPES: Record<ColumnType, string> = {
  text: 'TEXT',
  integer: 'NUMBER',
  double: 'FLOAT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_NTZ',
  date: 'DATE',
  json: 'VARIANT',
}

// SHOW COLUMNS calls these types by the names of the wire protocol.
const SHOWN_TYPES: Record<string, string> = { FIXED: 'NUMBER', REAL: 'FLOAT' }

/** The catalog's name of a type that SHOW COLUMNS describes as JSON: `{"type":"FIXED","precision":38,…}`. */
export function catalogType(dataType: string): string {
  const { type = '' }: { type?: string } = JSON.parse(dataType)
  return SHOWN_TYPES[type] ?? type
}

export function typeOf(type: ColumnType): Sql {
  return raw(SQL_TYPES[type])
}

// How a cell is read from the VARIANT that carried it. Doubles are sent as text, because a JSON number loses -0, and
// timestamps as milliseconds since 1970.
const CELLS: Record<ColumnType, (value: string) => string> = {
  text: (value) => `${value}::VARCHAR`,
  integer: (value) => `${value}::NUMBER(38,0)`,
  double: (value) => `${value}::VARCHAR::DOUBLE`,
  boolean: (value) => `${value}::BOOLEAN`,
  timestamp: (value) => `TO_TIMESTAMP_NTZ(${value}::NUMBER(38,0), 3)`,
  date: (value) => `TO_DATE(${value}::VARCHAR, 'YYYY-MM-DD')`,
  // Our tables only contain SQL's null, never JSON's.
  json: (value) => `STRIP_NULL_VALUE(${value})`,
}

/** Where the rows of a load are: in one bound text, or in the temporary table of the session. */
export type RowSource = { kind: 'bound'; json: string } | { kind: 'staged' }

/** The temporary table, visible in its session only. */
const STAGED = { schema: 'raw', name: 'tracklake_staged' } as const

/**
 * The rows of a load with their columns, one per key. Each row is sent as an array that starts with its number; among
 * rows with the same key, one of them wins.
 */
export function source(place: Place, table: Table, rows: RowSource, winner: 'first' | 'last' = 'last'): Sql {
  const keys = Object.entries(table.columns).flatMap(([name, type], index) =>
    table.key.includes(name) ? raw(sentCell(type, index + 1)) : [],
  )
  const from = rows.kind === 'bound' ? sentList(rows.json) : tableName(place, STAGED)
  return sql`SELECT ${joined(sentCells(table.columns, 1), ', ')} FROM ${from} f
    QUALIFY ROW_NUMBER() OVER (PARTITION BY ${joined(keys, ', ')} ORDER BY GET(f.VALUE, 0)::NUMBER(38,0) ${raw(winner === 'first' ? 'ASC' : 'DESC')}) = 1`
}

/** A JSON array of arrays as rows: `f.VALUE` is one of them. */
export function sentList(json: string): Sql {
  return sql`TABLE(FLATTEN(INPUT => PARSE_JSON(${bound(json)})))`
}

/** A cell of the JSON array `f.VALUE`. */
export function cellOf(type: ColumnType, at: number): Sql {
  return raw(sentCell(type, at))
}

/** The columns of a row that is sent as a JSON array `f.VALUE`. @param first the place of the first column in it */
export function sentCells(columns: Columns, first: 0 | 1): Sql[] {
  return Object.entries(columns).map(([name, type], index) => raw(`${sentCell(type, index + first)} AS ${upper(name)}`))
}

function sentCell(type: ColumnType, at: number): string {
  return CELLS[type](`GET(f.VALUE, ${at})`)
}

/** A list of values as rows of one column, for `IN (…)`. */
export function listed(values: string[], type: ColumnType = 'text'): Sql {
  return sql`SELECT ${raw(CELLS[type]('p.VALUE'))} FROM TABLE(FLATTEN(INPUT => PARSE_JSON(${bound(JSON.stringify(values))}))) p`
}

export function stagedTable(place: Place): Sql {
  return sql`CREATE OR REPLACE TEMPORARY TABLE ${tableName(place, STAGED)} ("VALUE" VARIANT)`
}

/** One chunk of rows, a JSON array of arrays, into the temporary table. */
export function stagedChunk(place: Place, json: string): Sql {
  return sql`INSERT INTO ${tableName(place, STAGED)} ("VALUE")
    SELECT f.VALUE FROM TABLE(FLATTEN(INPUT => PARSE_JSON(${bound(json)}))) f`
}

/**
 * Uploads a file to the user's own stage, which needs no grant.
 * @param file an absolute local path
 * @param folder letters, digits, `.`, `_` and `-`
 */
export function putFile(file: string, folder: string): Sql {
  const url = `file://${file.replaceAll('\\', '/')}`
  return sql`PUT ${literal(url)} ${literal(`@~/tracklake/${folder}`)}
    AUTO_COMPRESS=FALSE SOURCE_COMPRESSION=GZIP OVERWRITE=TRUE`
}

/** Copies a file with one JSON array per line into the temporary table, then removes the file. */
export function copyFile(place: Place, folder: string): Sql {
  // Without the slash, it would also match another read's folder with the same prefix.
  return sql`COPY INTO ${tableName(place, STAGED)} ("VALUE") FROM ${literal(`@~/tracklake/${folder}/`)}
    FILE_FORMAT = (TYPE = JSON COMPRESSION = GZIP) PURGE = TRUE`
}

/** A SHOW … LIKE pattern that matches exactly this name or names that start with it, ignoring case. */
export function likeText(name: string, which: 'exact' | 'start' = 'exact'): Sql {
  return literal(name.replaceAll(/[\\%_]/g, String.raw`\$&`) + (which === 'start' ? '%' : ''))
}

// Only where Snowflake accepts no bound value: file locations.
function literal(text: string): Sql {
  return raw(`'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
}

function upper(name: string): string {
  return quote(storedName(name))
}

function raw(text: string): Sql {
  return { text, values: [] }
}
