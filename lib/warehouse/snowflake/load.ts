import type { Clock } from '#lib/core/clock.ts'
import { type LoadCounts, NO_COUNTS, type Table } from '#lib/core/table.ts'
import { checkLoad } from '#lib/warehouse/check-load.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import { codeOf } from './failures.ts'
import type { Ledger } from './ledger.ts'
import { type Rows, withRows } from './rows.ts'
import type { Schemas } from './schemas.ts'
import type { Session } from './session.ts'
import { type Place, type Sql, source } from './sql.ts'
import { type Stage, stageOf } from './stage.ts'
import {
  type Arrival,
  dayArrival,
  diff,
  merge,
  noteChanges,
  overwrite,
  replacePart,
  replaces,
  SHARED_ROWS,
} from './write-sql.ts'

/** What a load works with: all of it belongs to one schema and one session. */
export interface Loading {
  session: Session
  place: Place
  ledger: Ledger
  schemas: Schemas
  now: Clock
  /** Throws when the time of the load is up. */
  alive(): void
}

const TABLE_GONE = '002003'

/**
 * Loads one read. Every statement is whole by itself and may be repeated, and none leaves a transaction open: whatever
 * breaks off is mended by loading the read again. The history comes before the table, from whose difference it is told.
 */
export async function loadRead(loading: Loading, load: Load): Promise<LoadCounts> {
  checkLoad(load)
  const { ledger, now } = loading
  await ledger.openToWrite()
  const earlier = ledger.earlier(load)
  if (earlier) return earlier
  // After a crash the reads without a note are loaded again, from the oldest. Only the last one of a table may be
  // among them, or the older one would note as removed what the newer had added.
  if (load.history?.kind === 'changes' && ledger.hasUnsettled(load.table.name)) await ledger.settle()
  const counts = await withRows(load, loading.alive, (rows) => writeRows(loading, load, rows))
  ledger.note(load, counts, now())
  return counts
}

/** A table that is remembered and was dropped meanwhile is made again, once. */
async function writeRows(loading: Loading, load: Load, rows: Rows): Promise<LoadCounts> {
  const stage = stageOf(loading, load, rows)
  const tables = load.history ? [load.table, load.history.table] : [load.table]
  const remembered = tables.some((table) => loading.schemas.remembers(table))
  try {
    return await write(loading, load, rows, stage)
  } catch (thrown) {
    if (codeOf(thrown) !== TABLE_GONE || !remembered) throw thrown
    for (const table of tables) loading.schemas.forget(table)
    return write(loading, load, rows, stage)
  }
}

async function write(loading: Loading, load: Load, rows: Rows, stage: Stage): Promise<LoadCounts> {
  const { session, place } = loading
  const { table, mode, parts, history } = load
  const intoTable = !load.historyOnly && (await declared(loading, table, rows))
  const daily = history?.kind === 'daily' && (await declared(loading, history.table, rows)) ? history : undefined
  if (!intoTable && !daily) return { ...NO_COUNTS }

  const arrivalOf = (given: Sql): Arrival => ({ place, table, mode, rows: given, ...(parts && { parts }) })
  const given = source(place, table, await stage())
  const arrival = arrivalOf(given)
  const compared = intoTable && replaces(mode)
  const both = compared && daily !== undefined
  const differences = await compare(
    session,
    [
      ...(compared ? [both ? arrivalOf(SHARED_ROWS) : arrival] : []),
      ...(daily ? [dayArrival(both ? arrivalOf(SHARED_ROWS) : arrival, daily.table, daily.day)] : []),
    ],
    both ? given : undefined,
  )
  const found = compared ? differences.shift() : undefined
  if (daily && isDifferent(differences[0])) await session.run(replacePart(dayArrival(arrival, daily.table, daily.day)))
  if (!intoTable) return { ...NO_COUNTS }
  if (history?.kind === 'changes' && (found ? found.new + found.removed > 0 : rows.distinct > 0)) {
    await loading.schemas.declare(history.table)
    await session.run(noteChanges(arrival, history.table, history.seenAt, history.carry))
  }
  if (!found) return rows.distinct === 0 ? { ...NO_COUNTS } : mergeRows(session, arrival, rows.distinct)
  if (isDifferent(found)) await session.run(mode === 'overwrite' ? overwrite(arrival) : replacePart(arrival))
  return found
}

/** A table is made with its first row, not before. */
async function declared({ schemas }: Loading, table: Table, rows: Rows): Promise<boolean> {
  if (rows.distinct === 0 && !(await schemas.has(table))) return false
  await schemas.declare(table)
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

/** A merge tells itself what it did, so it needs no comparison before. */
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
