import { lakePolicy, type PolicyPlace } from '#lib/api/lake-policy.ts'
import type { ColumnType } from '#lib/core/table.ts'

/** The files that describe the published tables: for people, for Athena, and for Snowflake. */

export interface CatalogTable {
  /** Below the prefix. */
  path: string
  name: string
  schema: string | null
  title: string
  description: string
  columns: { name: string; type: ColumnType; description: string }[]
  rows: number
  bytes: number
  publishedAt: Date
  /** What the last publication had; null if the same, {} if nothing. */
  before: { rows?: number; columns?: string[] } | null
}

export interface Catalog {
  /** Stands for this listener; another instance must not write to the same place. */
  owner: string
  place: PolicyPlace
  tables: CatalogTable[]
  /** Names of tables that are gone since the last publication. */
  gone: string[]
}

/** For listeners without a bucket, to be replaced by them. */
export const EXAMPLE_PLACE: PolicyPlace = {
  bucket: 'YOUR-BUCKET',
  prefix: 'tracklake',
  region: 'YOUR-REGION',
  glueDatabase: null,
}
const DEFAULT_DATABASE = 'tracklake'

export const OWNER_PATH = 'catalogue/tables.json'
export const ATHENA_PATH = 'catalogue/athena.sql'
export const SNOWFLAKE_PATH = 'catalogue/snowflake.sql'

const isCsv = ({ path }: Pick<CatalogTable, 'path'>) => path.endsWith('.csv')

/** The folder of a table in the bucket. */
export function locationOf({ bucket, prefix }: PolicyPlace, { path }: Pick<CatalogTable, 'path'>): string {
  return `s3://${[bucket, prefix, path.slice(0, path.lastIndexOf('/'))].filter(Boolean).join('/')}/`
}

/** Types of Hive, which Athena and Glue use. */
const HIVE_TYPES: Record<ColumnType, string> = {
  text: 'string',
  integer: 'bigint',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
  json: 'string',
}

/** In CSV, Hive reads text only. */
export function hiveColumns(table: CatalogTable) {
  return table.columns.map(({ name, type, description }) => ({
    name,
    type: isCsv(table) ? 'string' : HIVE_TYPES[type],
    comment: comment(description),
  }))
}

/** Glue allows 255 characters on one line. */
const comment = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 255)

const backquoted = (name: string) => `\`${name.replaceAll('`', '``')}\``
const hiveText = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** One statement for each table. A table is made again, because its columns may have changed; its files stay. */
function athenaSql({ place, tables }: Catalog): string {
  const database = place.glueDatabase ?? DEFAULT_DATABASE
  const statements = tables.flatMap((table) => {
    const name = `${backquoted(database)}.${backquoted(table.name)}`
    const columns = hiveColumns(table).map(
      (column) =>
        `  ${backquoted(column.name)} ${column.type}${column.comment ? ` COMMENT ${hiveText(column.comment)}` : ''}`,
    )
    const format = isCsv(table)
      ? [
          "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'",
          'STORED AS TEXTFILE',
          `LOCATION ${hiveText(locationOf(place, table))}`,
          "TBLPROPERTIES ('skip.header.line.count' = '1')",
        ]
      : ['STORED AS PARQUET', `LOCATION ${hiveText(locationOf(place, table))}`]
    return [
      `DROP TABLE IF EXISTS ${name}`,
      [`CREATE EXTERNAL TABLE ${name} (`, columns.join(',\n'), ')', ...format].join('\n'),
    ]
  })
  return [
    '-- Tables of Tracklake for Amazon Athena. Athena runs one statement at a time.',
    [`CREATE DATABASE IF NOT EXISTS ${backquoted(database)}`, ...statements].map((sql) => `${sql};`).join('\n\n'),
    '',
  ].join('\n')
}

const SNOWFLAKE_TYPES: Record<ColumnType, string> = {
  text: 'VARCHAR',
  integer: 'NUMBER(38, 0)',
  double: 'FLOAT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_NTZ(6)',
  date: 'DATE',
  json: 'VARCHAR',
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** An external stage, and an external table for each Parquet file. */
function snowflakeSql({ place, tables }: Catalog): string {
  const root = `s3://${[place.bucket, place.prefix].filter(Boolean).join('/')}/`
  const external = tables
    .filter((table) => !isCsv(table))
    .map((table) => {
      const columns = table.columns.map(
        ({ name, type }) =>
          `  ${quoted(name.toUpperCase())} ${SNOWFLAKE_TYPES[type]} AS (VALUE:${quoted(name)}::${SNOWFLAKE_TYPES[type]})`,
      )
      return [
        `CREATE OR REPLACE EXTERNAL TABLE ${quoted(table.name.toUpperCase())} (`,
        columns.join(',\n'),
        ')',
        `LOCATION = @TRACKLAKE_LAKE/refined/${table.name}/`,
        'FILE_FORMAT = (FORMAT_NAME = TRACKLAKE_PARQUET)',
        'AUTO_REFRESH = FALSE',
      ].join('\n')
    })
  return [
    '-- External tables of Tracklake for Snowflake. Run it in a database and schema of yours.',
    '-- The storage integration needs an IAM role that may read the bucket:',
    '-- https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration',
    '-- After a publication: ALTER EXTERNAL TABLE <name> REFRESH.',
    [
      [
        'CREATE STORAGE INTEGRATION IF NOT EXISTS TRACKLAKE_LAKE',
        'TYPE = EXTERNAL_STAGE',
        "STORAGE_PROVIDER = 'S3'",
        'ENABLED = TRUE',
        "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::YOUR-ACCOUNT:role/YOUR-ROLE'",
        `STORAGE_ALLOWED_LOCATIONS = (${text(root)})`,
      ].join('\n'),
      'CREATE OR REPLACE FILE FORMAT TRACKLAKE_PARQUET TYPE = PARQUET USE_LOGICAL_TYPE = TRUE',
      `CREATE OR REPLACE STAGE TRACKLAKE_LAKE URL = ${text(root)} STORAGE_INTEGRATION = TRACKLAKE_LAKE FILE_FORMAT = (FORMAT_NAME = TRACKLAKE_PARQUET)`,
      ...external,
    ]
      .map((sql) => `${sql};`)
      .join('\n\n'),
    '',
  ].join('\n')
}

function tablesJson({ owner, tables }: Catalog): string {
  const listed = tables.map(({ before: _, publishedAt, columns, ...table }) => ({
    ...table,
    publishedAt: publishedAt.toISOString(),
    columns,
  }))
  return json({ format: 1, owner, tables: listed })
}

/** What the publication changed. */
function changesJson({ tables, gone }: Catalog): string {
  const changed = tables.flatMap(({ name, path, rows, columns, before }) => {
    if (!before) return []
    const names = columns.map((column) => column.name)
    return [
      {
        name,
        path,
        change: before.rows === undefined ? 'new' : 'changed',
        rows,
        rowsBefore: before.rows ?? null,
        columnsAdded: names.filter((column) => before.columns && !before.columns.includes(column)),
        columnsRemoved: (before.columns ?? []).filter((column) => !names.includes(column)),
      },
    ]
  })
  return json({ format: 1, changed, removed: gone })
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** All files of the catalog by path. `tables.json` comes last: it says whose files these are. */
export function catalogFiles(catalog: Catalog): Record<string, string> {
  const { place } = catalog
  return {
    [ATHENA_PATH]: athenaSql(catalog),
    [SNOWFLAKE_PATH]: snowflakeSql(catalog),
    'catalogue/policy.json': lakePolicy({ ...place, glueDatabase: null }),
    'catalogue/policy-with-glue.json': lakePolicy({ ...place, glueDatabase: place.glueDatabase ?? DEFAULT_DATABASE }),
    'catalogue/changes.json': changesJson(catalog),
    [OWNER_PATH]: tablesJson(catalog),
  }
}
