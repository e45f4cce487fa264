import type { DuckDBConnection } from '@duckdb/node-api'
import type { Cell } from '#lib/core/table.ts'
import { SQL_TYPES } from '#lib/warehouse/duckdb/cells.ts'
import { all, count } from '#lib/warehouse/duckdb/statements.ts'
import { qualified } from '#lib/warehouse/duckdb/tables.ts'
import { column, quote, quoteAll } from '#lib/warehouse/identifiers.ts'
import type { KeptRows } from '#lib/warehouse/warehouse.ts'
import { type Arrival, keysMatch, scopeOf } from './merge-rows.ts'

const SPANS = 'tracklake_spans'
const SPANS_PER_STATEMENT = 200

/**
 * Adds the table's rows that stay to the arrival, so that they count as arrived. The table must exist.
 * @returns the arrival with its new number of rows
 */
export async function keepRows(connection: DuckDBConnection, arrival: Arrival, kept: KeptRows): Promise<Arrival> {
  const { table, source } = arrival
  const columns = Object.keys(table.columns)
  const cells = columns.map((name) =>
    name === kept.mark ? `coalesce(${column(name, 't')}, cast(? as ${SQL_TYPES.timestamp}))` : column(name, 't'),
  )
  const scope = scopeOf(arrival, 't')
  await all(
    connection,
    `insert into ${source} (${quoteAll(columns)}) select ${cells.join(', ')} from ${qualified(table)} t
     where ${scope.where} and (${await stays(connection, arrival, kept)})
       and not exists (select 1 from ${source} s where ${keysMatch(table)})`,
    [kept.since, ...scope.values],
  )
  return { ...arrival, rows: await count(connection, `select count(*) from ${source}`) }
}

/** The condition for a missing row `t` to stay. */
async function stays(connection: DuckDBConnection, { table }: Arrival, kept: KeptRows): Promise<string> {
  if (kept.missing === 'all') return 'true'
  const marked = kept.missing === 'marked' ? `${column(kept.mark, 't')} is not null` : 'false'
  if (kept.spans.length === 0) return marked
  const keys = Object.keys(kept.spans[0]?.key ?? {})
  await stageSpans(
    connection,
    kept,
    keys.map((name) => ({ name, type: SQL_TYPES[table.columns[name] ?? 'text'] })),
  )
  const at = column(kept.column, 't')
  const within = [
    `(w.from_at is null or ${at} >= w.from_at)`,
    `(w.until_at is null or ${at} <= w.until_at)`,
    ...keys.map((name) => `${column(name, 't')} = ${column(name, 'w')}`),
  ]
  return `${marked} or exists (select 1 from ${SPANS} w where ${within.join(' and ')})`
}

async function stageSpans(
  connection: DuckDBConnection,
  { spans }: KeptRows,
  keys: { name: string; type: string }[],
): Promise<void> {
  const types = [SQL_TYPES.timestamp, SQL_TYPES.timestamp, ...keys.map(({ type }) => type)]
  const definitions = ['from_at', 'until_at', ...keys.map(({ name }) => quote(name))].map(
    (name, index) => `${name} ${types[index]}`,
  )
  await connection.run(`create temp table ${SPANS} (${definitions.join(', ')})`)
  const places = `(${types.map((type) => `cast(? as ${type})`).join(', ')})`
  for (let start = 0; start < spans.length; start += SPANS_PER_STATEMENT) {
    const some = spans.slice(start, start + SPANS_PER_STATEMENT)
    const values = some.flatMap(({ from, until, key }): Cell[] => [
      from,
      until,
      ...keys.map(({ name }) => key?.[name] ?? null),
    ])
    await all(connection, `insert into ${SPANS} values ${some.map(() => places).join(', ')}`, values)
  }
}
