import type { Session } from '#testing/snowflake/account/session.ts'
import { unsupported } from '#testing/snowflake/sql/failure.ts'
import { duckName, duckText } from '#testing/snowflake/sql/names.ts'

type Cells = (string | number | null)[]

/** DuckDB SQL for a view of INFORMATION_SCHEMA as this role sees it. */
export function informationSchema(session: Session, database: string, view: string): string {
  const definition = VIEWS[view]
  if (!definition) throw unsupported(`INFORMATION_SCHEMA.${view}`)
  const names = definition.columns.map((name, index) => `c${index} AS ${duckName(name)}`).join(', ')
  const nulls = definition.columns.map(() => 'NULL')
  const rows = definition.rows(session, database).map((cells) => cells.map(literal))
  const values = [nulls, ...rows].map((cells) => `(${cells.join(', ')})`).join(', ')
  const columns = definition.columns.map((_, index) => `c${index}`).join(', ')
  return `(SELECT ${names} FROM (VALUES ${values}) v(${columns}) WHERE c0 IS NOT NULL)`
}

const literal = (cell: string | number | null) =>
  cell === null ? 'NULL' : typeof cell === 'number' ? String(cell) : duckText(cell)

const VIEWS: Record<string, { columns: string[]; rows(session: Session, database: string): Cells[] }> = {
  SCHEMATA: {
    columns: ['CATALOG_NAME', 'SCHEMA_NAME', 'SCHEMA_OWNER'],
    rows: (session, database) =>
      visibleSchemas(session, database).map(({ name, owner }) => [database, name, owner] satisfies Cells),
  },
  TABLES: {
    columns: ['TABLE_CATALOG', 'TABLE_SCHEMA', 'TABLE_NAME', 'TABLE_OWNER', 'TABLE_TYPE', 'COMMENT'],
    rows: (session, database) =>
      visibleTables(session, database).map(({ schema, table }) => [
        database,
        schema,
        table.name,
        table.owner,
        'BASE TABLE',
        table.comment,
      ]),
  },
  COLUMNS: {
    columns: ['TABLE_CATALOG', 'TABLE_SCHEMA', 'TABLE_NAME', 'COLUMN_NAME', 'ORDINAL_POSITION', 'DATA_TYPE'],
    rows: (session, database) =>
      visibleTables(session, database).flatMap(({ schema, table }) =>
        [...table.columns].map(([name, type], index) => [database, schema, table.name, name, index + 1, type]),
      ),
  },
}

function visibleSchemas({ account, role }: Session, database: string) {
  return [...(account.database(database)?.schemas.values() ?? [])].filter(({ name, owner }) =>
    account.sees(role, 'SCHEMA', [database, name], owner),
  )
}

function visibleTables(session: Session, database: string) {
  return visibleSchemas(session, database).flatMap((schema) =>
    [...schema.tables.values()]
      .filter(({ name, owner }) => session.account.sees(session.role, 'TABLE', [database, schema.name, name], owner))
      .map((table) => ({ schema: schema.name, table })),
  )
}
