import type { LoadMode, Table } from '#lib/core/table.ts'
import { contentColumns, fills, replaces } from '#lib/warehouse/check-load.ts'
import {
  allNamed,
  bound,
  cellOf,
  joined,
  listed,
  named,
  type Place,
  type Sql,
  sentList,
  sql,
  tableName,
} from '#lib/warehouse/snowflake/sql.ts'
import type { History, KeptRows } from '#lib/warehouse/warehouse.ts'

/** Rows to write into one table. */
export interface Arrival {
  place: Place
  table: Table
  mode: LoadMode
  parts?: { column: string; values: string[] }
  /** The rows with exactly the table's columns, one per key. */
  rows: Sql
}

/** The same rows for the daily history, where they replace their day. */
export function dayArrival(arrival: Arrival, history: Table, day: string): Arrival {
  const value = history.columns.day === 'text' ? bound(day) : sql`TO_DATE(${bound(day)}, 'YYYY-MM-DD')`
  const columns = allNamed(Object.keys(arrival.table.columns), 's')
  return {
    place: arrival.place,
    table: history,
    mode: 'replace part',
    parts: { column: 'day', values: [day] },
    rows: sql`SELECT ${columns}, ${value} AS "DAY" FROM (${arrival.rows}) s`,
  }
}

/**
 * Counts what the arrivals would change, without writing. One row each: WHICH (0, 1), NEW, CHANGED, UNCHANGED, REMOVED.
 * @param rows read once under the name R, for arrivals made of `SHARED_ROWS`
 */
export function diff(arrivals: Arrival[], rows?: Sql): Sql {
  const each = joined(
    arrivals.map((arrival, index) => {
      const { table } = arrival
      const [first = ''] = table.key
      const isNew = sql`${named(first, 't')} IS NULL`
      const isGone = sql`${named(first, 's')} IS NULL`
      const isBoth = sql`${named(first, 's')} IS NOT NULL AND ${named(first, 't')} IS NOT NULL`
      return sql`SELECT ${index === 0 ? sql`0` : sql`1`} AS "WHICH", COUNT_IF(${isNew}) AS "NEW",
        COUNT_IF(${isBoth} AND (${differs(table)})) AS "CHANGED",
        COUNT_IF(${isBoth} AND NOT (${differs(table)})) AS "UNCHANGED", COUNT_IF(${isGone}) AS "REMOVED"
        FROM ${joinedRows(arrival)}`
    }),
    ' UNION ALL ',
  )
  return rows ? sql`WITH r AS (${rows}) ${each}` : each
}

/** Rows that `diff` reads once for several arrivals, which keeps a statement within its megabyte. */
export const SHARED_ROWS: Sql = sql`SELECT * FROM r`

/** The arrived rows plus the existing ones that stay, which then count as arrived. */
export function withKept(arrival: Arrival, kept: KeptRows): Sql {
  const { table, rows } = arrival
  const columns = Object.keys(table.columns)
  const cells = columns.map((name) =>
    name === kept.mark
      ? sql`COALESCE(${named(name, 't')}, TO_TIMESTAMP_NTZ(${bound(Date.parse(kept.since))}, 3)) AS ${named(name)}`
      : named(name, 't'),
  )
  return sql`SELECT ${allNamed(columns, 's')} FROM (${rows}) s UNION ALL
    SELECT ${joined(cells, ', ')} FROM (${staying(arrival, kept)}) t
    WHERE NOT EXISTS (SELECT 1 FROM (${rows}) s WHERE ${keysMatch(table, 's', 't')})`
}

/** The existing rows that stay unless they arrived. */
function staying(arrival: Arrival, { missing, mark, column, spans }: KeptRows): Sql {
  const { table } = arrival
  if (missing === 'all') return scope(arrival)
  const isMarked = sql`${named(mark, 't')} IS NOT NULL`
  const [first] = spans
  const marked = sql`SELECT t.* FROM (${scope(arrival)}) t WHERE ${isMarked}`
  if (!first) return marked
  // Spans are disjoint, so the join finds no row twice.
  const at = named(column, 't')
  const keys = Object.keys(first.key ?? {})
  const within = joined(
    [
      sql`(${cellOf('timestamp', 0)} IS NULL OR ${at} >= ${cellOf('timestamp', 0)})`,
      sql`(${cellOf('timestamp', 1)} IS NULL OR ${at} <= ${cellOf('timestamp', 1)})`,
      ...keys.map((name, index) => sql`${named(name, 't')} = ${cellOf(table.columns[name] ?? 'text', index + 2)}`),
    ],
    ' AND ',
  )
  const sent = spans.map(({ from, until, key }) => [
    from && Date.parse(from),
    until && Date.parse(until),
    ...keys.map((name) => key?.[name] ?? null),
  ])
  // A table function can't be joined with ON (https://docs.snowflake.com/en/release-notes/bcr-bundles/2023_04/bcr-1057).
  const inSpans = sql`SELECT t.* FROM (${scope(arrival)}) t, ${sentList(JSON.stringify(sent))} f WHERE ${within}`
  return missing === 'marked' ? sql`${inSpans} AND NOT ${isMarked} UNION ALL ${marked}` : inSpans
}

/** Replaces the whole table with the rows, in one statement. */
export function overwrite({ place, table, rows }: Arrival): Sql {
  return sql`INSERT OVERWRITE INTO ${tableName(place, table)} (${allNamed(Object.keys(table.columns))}) ${rows}`
}

/** Adds new keys, and unless it only appends, updates known ones. Its result counts both. */
export function merge({ place, table, mode, rows }: Arrival): Sql {
  const columns = Object.keys(table.columns)
  const start = sql`MERGE INTO ${tableName(place, table)} t USING (${rows}) s ON ${keysMatch(table, 's', 't')}`
  const insert = sql`WHEN NOT MATCHED THEN INSERT (${allNamed(columns)}) VALUES (${allNamed(columns, 's')})`
  if (mode === 'append' || contentColumns(table).length === 0) return sql`${start} ${insert}`
  return sql`${start} WHEN MATCHED AND (${differs(table, mode)}) THEN UPDATE SET ${assignments(table, mode)} ${insert}`
}

/**
 * Replaces the named parts with the rows in one statement: existing rows that did not arrive are included, marked as
 * gone. All arrived rows are written, so that they have the same synced_at, as after an overwrite.
 */
export function replacePart(arrival: Arrival): Sql {
  const { place, table } = arrival
  const columns = Object.keys(table.columns)
  const [first = ''] = table.key
  const cells = columns.map((name) =>
    table.key.includes(name)
      ? sql`COALESCE(${named(name, 's')}, ${named(name, 't')}) AS ${named(name)}`
      : sql`${named(name, 's')} AS ${named(name)}`,
  )
  const update = columns.length > table.key.length ? sql`WHEN MATCHED THEN UPDATE SET ${assignments(table)}` : sql``
  return sql`MERGE INTO ${tableName(place, table)} t USING (
    SELECT ${joined(cells, ', ')}, ${named(first, 's')} IS NULL AS "TRACKLAKE_GONE" FROM ${joinedRows(arrival)}
    ) s ON ${keysMatch(table, 's', 't')}
    WHEN MATCHED AND s."TRACKLAKE_GONE" THEN DELETE ${update}
    WHEN NOT MATCHED THEN INSERT (${allNamed(columns)}) VALUES (${allNamed(columns, 's')})`
}

/**
 * Records which keys appear and which disappear, before the table itself is written. A retry after a crash finds its
 * entries by key and adds nothing.
 * @param history has the key columns, `change`, `seen_at` and the carried columns
 */
export function insertChanges(
  arrival: Arrival,
  { table: history, seenAt, carry, by }: Extract<History, { kind: 'changes' }>,
): Sql {
  const { place, table, mode } = arrival
  if (by) return insertCountedChanges(arrival, history, { seenAt, carry, by })
  const [first = ''] = table.key
  const carried = [...table.key, ...carry.filter((name) => !table.key.includes(name))]
  const cells = carried.map(
    (name) => sql`IFF(${named(first, 's')} IS NULL, ${named(name, 't')}, ${named(name, 's')}) AS ${named(name)}`,
  )
  const columns = [...carried, 'change', 'seen_at']
  const removals = replaces(mode)
  const changed = removals
    ? sql`${named(first, 's')} IS NULL OR ${named(first, 't')} IS NULL`
    : sql`${named(first, 't')} IS NULL`
  return sql`INSERT INTO ${tableName(place, history)} (${allNamed(columns)})
    SELECT ${allNamed(columns, 'c')} FROM (
      SELECT ${joined(cells, ', ')}, IFF(${named(first, 's')} IS NULL, 'removed', 'added') AS "CHANGE",
        TO_TIMESTAMP_NTZ(${bound(Date.parse(seenAt))}, 3) AS "SEEN_AT" FROM ${joinedRows(arrival)} WHERE ${changed}
    ) c WHERE NOT EXISTS (
      SELECT 1 FROM ${tableName(place, history)} h WHERE ${keysMatch(history, 'h', 'c')}
    )`
}

/** A row is counted by its columns `by`, wherever in the list it is. */
function insertCountedChanges(
  arrival: Arrival,
  history: Table,
  { seenAt, carry, by }: { seenAt: string; carry: string[]; by: string[] },
): Sql {
  const { place, rows } = arrival
  const counted = [...by, ...carry]
  const columns = [...counted, 'change', 'copies', 'seen_at']
  const carried = carry.map((name) => sql`MAX(${named(name)}) AS ${named(name)}`)
  const known = joined(
    by.map((name) => sql`${named(name)} IS NOT NULL`),
    ' AND ',
  )
  return sql`INSERT INTO ${tableName(place, history)} (${allNamed(columns)})
    SELECT ${allNamed(columns, 'c')} FROM (
      SELECT ${joined([...by.map((name) => named(name)), ...carried], ', ')},
        IFF(SUM("ONE") > 0, 'added', 'removed') AS "CHANGE", IFF(SUM("ONE") > 0, SUM("ONE"), -SUM("ONE")) AS "COPIES",
        TO_TIMESTAMP_NTZ(${bound(Date.parse(seenAt))}, 3) AS "SEEN_AT"
      FROM (SELECT ${allNamed(counted, 's')}, 1 AS "ONE" FROM (${rows}) s
        UNION ALL SELECT ${allNamed(counted, 't')}, -1 AS "ONE" FROM (${scope(arrival)}) t) b
      WHERE ${known} GROUP BY ${allNamed(by)} HAVING SUM("ONE") <> 0
    ) c WHERE NOT EXISTS (
      SELECT 1 FROM ${tableName(place, history)} h WHERE ${keysMatch(history, 'h', 'c')}
    )`
}

/** The arrived rows `s` joined with the existing rows `t` that they replace. */
function joinedRows(arrival: Arrival): Sql {
  const { table, mode, rows } = arrival
  const join = replaces(mode) ? sql`FULL OUTER JOIN` : sql`LEFT OUTER JOIN`
  return sql`(${rows}) s ${join} (${scope(arrival)}) t ON ${keysMatch(table, 's', 't')}`
}

/** The existing rows that the arrival replaces: the whole table, or its parts. */
function scope({ place, table, parts }: Arrival): Sql {
  const all = sql`SELECT * FROM ${tableName(place, table)}`
  if (!parts) return all
  return sql`${all} WHERE ${named(parts.column)} IN (${listed(parts.values, table.columns[parts.column])})`
}

/** Matches rows by key; keys are never null. */
function keysMatch(table: Table, one: 's' | 'h', other: 't' | 'c'): Sql {
  return joined(
    table.key.map((name) => sql`${named(name, one)} = ${named(name, other)}`),
    ' AND ',
  )
}

/** VARIANT values are compared as text, because two objects are never equal in Snowflake. */
function differs(table: Table, mode: LoadMode = 'merge'): Sql {
  const differences = contentColumns(table).map((name) =>
    table.columns[name] === 'json'
      ? sql`TO_JSON(${arriving(name, mode)}) IS DISTINCT FROM TO_JSON(${named(name, 't')})`
      : sql`${arriving(name, mode)} IS DISTINCT FROM ${named(name, 't')}`,
  )
  return differences.length > 0 ? joined(differences, ' OR ') : sql`FALSE`
}

/** What a changed row gets. */
function assignments(table: Table, mode: LoadMode = 'merge'): Sql {
  const rest = Object.keys(table.columns).filter((name) => !table.key.includes(name))
  return joined(
    (fills(mode) ? contentColumns(table) : rest).map((name) => sql`${named(name)} = ${arriving(name, mode)}`),
    ', ',
  )
}

/** The value of a column after the arrival. */
function arriving(name: string, mode: LoadMode): Sql {
  const [arrived, existing] = [named(name, 's'), named(name, 't')]
  if (mode === 'fill') return sql`COALESCE(${arrived}, ${existing})`
  return mode === 'fill gaps' ? sql`COALESCE(${existing}, ${arrived})` : arrived
}
