import type { Clock } from '#lib/core/clock.ts'
import { type LoadCounts, NO_COUNTS, type Table } from '#lib/core/table.ts'
import { changesHistory, checkLoad, keptBy, replaces, winnerOf } from '#lib/warehouse/check-load.ts'
import { isMissing } from '#lib/warehouse/snowflake/driver/failures.ts'
import type { Session } from '#lib/warehouse/snowflake/driver/session.ts'
import type { TableCatalog } from '#lib/warehouse/snowflake/schema/schemas.ts'
import { type Place, type Sql, source } from '#lib/warehouse/snowflake/sql.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import type { Ledger } from './ledger.ts'
import { type Rows, withRows } from './rows.ts'
import { type Stage, stageOf } from './stage.ts'
import {
  type Arrival,
  dayArrival,
  diff,
  insertChanges,
  merge,
  overwrite,
  replacePart,
  SHARED_ROWS,
  withKept,
} from './write-sql.ts'

/** What a load works with; all of it belongs to one schema and one session. */
export interface LoadContext {
  session: Session
  place: Place
  ledger: Ledger
  catalog: TableCatalog
  now: Clock
  /** Throws once the deadline of the load has passed. */
  checkDeadline(): void
}

/**
 * Loads one read. Every statement is complete and can be repeated, and none leaves a transaction open, so loading the
 * read again repairs an interrupted load. The history is written before the table, because it depends on the difference.
 */
export async function loadRead(context: LoadContext, load: Load): Promise<LoadCounts> {
  checkLoad(load)
  const { ledger, now } = context
  await ledger.openToWrite()
  const earlier = ledger.earlier(load)
  if (earlier) return earlier
  // After a crash, reads without a ledger entry are loaded again, oldest first. At most the last one of a table may
  // lack its entry: otherwise the older read would record as removed what the newer one had added.
  if (load.history?.kind === 'changes' && ledger.hasUnflushed(load.table.name)) await ledger.flush()
  const counts = await withRows(load, context.checkDeadline, (rows) => writeRows(context, load, rows))
  ledger.add(load, counts, now())
  return counts
}

/** If a known table has been dropped meanwhile, creates it again, once. */
async function writeRows(context: LoadContext, load: Load, rows: Rows): Promise<LoadCounts> {
  const stage = stageOf(context, load, rows)
  const tables = load.history ? [load.table, load.history.table] : [load.table]
  const isKnown = tables.some((table) => context.catalog.knows(table))
  try {
    return await write(context, load, rows, stage)
  } catch (error) {
    if (!isMissing(error) || !isKnown) throw error
    for (const table of tables) context.catalog.forget(table)
    return write(context, load, rows, stage)
  }
}

async function write(context: LoadContext, load: Load, rows: Rows, stage: Stage): Promise<LoadCounts> {
  const { session, place } = context
  const { table, mode, parts, history } = load
  const intoTable = !load.historyOnly && (await ensureTable(context, table, rows))
  const daily = history?.kind === 'daily' && (await ensureTable(context, history.table, rows)) ? history : undefined
  if (!intoTable && !daily) return { ...NO_COUNTS }

  const arrivalOf = (arriving: Sql): Arrival => ({ place, table, mode, rows: arriving, ...(parts && { parts }) })
  const arrived = source(place, table, await stage(), winnerOf(mode))
  const kept = intoTable ? keptBy(load) : undefined
  const arriving = kept ? withKept(arrivalOf(arrived), kept) : arrived
  const arrival = arrivalOf(arriving)
  const compared = intoTable && replaces(mode)
  const both = compared && daily !== undefined
  const differences = await compare(
    session,
    [
      ...(compared ? [both ? arrivalOf(SHARED_ROWS) : arrival] : []),
      ...(daily ? [dayArrival(both ? arrivalOf(SHARED_ROWS) : arrival, daily.table, daily.day)] : []),
    ],
    both ? arriving : undefined,
  )
  const found = compared ? differences.shift() : undefined
  if (daily && isDifferent(differences[0])) await session.run(replacePart(dayArrival(arrival, daily.table, daily.day)))
  if (!intoTable) return { ...NO_COUNTS }
  if (history?.kind === 'changes' && (found ? changesHistory(history, found) : rows.distinct > 0)) {
    await context.catalog.ensure(history.table)
    await session.run(insertChanges(arrival, history))
  }
  if (!found) return rows.distinct === 0 ? { ...NO_COUNTS } : mergeRows(session, arrival, rows.distinct)
  if (isDifferent(found)) await session.run(mode === 'overwrite' ? overwrite(arrival) : replacePart(arrival))
  return found
}

/** A table is created with its first row, not before. */
async function ensureTable({ catalog }: LoadContext, table: Table, rows: Rows): Promise<boolean> {
  if (rows.distinct === 0 && !(await catalog.has(table))) return false
  await catalog.ensure(table)
  return true
}

async function compare(session: Session, arrivals: Arrival[], shared: Sql | undefined): Promise<LoadCounts[]> {
  if (arrivals.length === 0) return []
  const { names, rows } = await session.run(diff(arrivals, shared))
  return arrivals.map((_, index) => {
    const row = rows.find((candidate) => candidate[names.indexOf('which')] === index)
    const count = (name: string) => Number(row?.[names.indexOf(name)] ?? 0)
    return { new: count('new'), changed: count('changed'), unchanged: count('unchanged'), removed: count('removed') }
  })
}

/** A merge reports what it did, so it needs no comparison beforehand. */
async function mergeRows(session: Session, arrival: Arrival, distinct: number): Promise<LoadCounts> {
  const { names, rows } = await session.run(merge(arrival))
  const count = (name: string) => Number(rows[0]?.[names.indexOf(name)] ?? 0)
  const added = count('number of rows inserted')
  const changed = count('number of rows updated')
  return { new: added, changed, unchanged: distinct - added - changed, removed: 0 }
}

function isDifferent(found: LoadCounts | undefined): boolean {
  return found !== undefined && found.new + found.changed + found.removed > 0
}
