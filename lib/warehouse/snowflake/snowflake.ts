import { MINUTE, now as present } from '#lib/core/clock.ts'
import { Transient } from '#lib/core/errors.ts'
import type { Cell, Schema, Table } from '#lib/core/table.ts'
import { Semaphore } from '#lib/warehouse/semaphore.ts'
import type { Digest, ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { buildRelations } from './build.ts'
import type { SnowflakeOptions } from './connection.ts'
import { codeOf, isMissing } from './driver/failures.ts'
import { rowsOf } from './driver/result-cells.ts'
import { openSession, type Session } from './driver/session.ts'
import { ledgerOf } from './load/ledger.ts'
import { loadRead } from './load/load.ts'
import { checkReadOnly } from './read-only.ts'
import { NO_SUCH_SCHEMA, openListing } from './schema/listing.ts'
import { digestsOf, showObjects } from './schema/schema-sql.ts'
import { type TableCatalog, tableCatalog } from './schema/schemas.ts'
import { type Bind, nameInDatabase, type Place, storedName, tableName } from './sql.ts'

const LOAD_DEADLINE_MS = 10 * MINUTE
const BUILD_DEADLINE_MS = 10 * MINUTE
// The virtual warehouse may have to start first.
const QUERY_DEADLINE_MS = MINUTE
const QUERY_LIMIT = 10_000

/**
 * A warehouse that signs in on first use. One session loads any number of tables, one load after the other; queries can
 * run at the same time.
 */
export function openSnowflake(options: SnowflakeOptions): ExternalWarehouse {
  const session = openSession(options)
  const listing = openListing(options.address)
  const ledger = ledgerOf(session, options, listing)
  const catalog = tableCatalog(session, options.address, options.memory, listing)
  const writer = new Semaphore(1)
  const place = options.address

  return {
    kind: 'snowflake',
    load: (load) =>
      writer.run(LOAD_DEADLINE_MS, () => {
        const { bounded, checkDeadline } = within(session, LOAD_DEADLINE_MS)
        return loadRead(
          {
            session: bounded,
            place,
            ledger,
            catalog: tableCatalog(bounded, place, options.memory, listing),
            now: options.now ?? present,
            checkDeadline,
          },
          load,
        )
      }),
    async query(sql, values, { limit = QUERY_LIMIT, deadlineMs = QUERY_DEADLINE_MS } = {}) {
      checkReadOnly(sql)
      await ledger.open()
      const statement = { text: sql, values: values.map(toBind) }
      return rowsOf(await session.run(statement, { query: true, limit, deadlineMs }))
    },
    table: (schema, name) => tableName(place, { schema, name }).text,
    async existing(schema, names) {
      if (names.length === 0) return []
      await ledger.open()
      const existing =
        schema === 'raw' ? await listing.refresh(session, schema) : await objectsOf(session, place, schema)
      return names.filter((name) => existing.has(storedName(name)))
    },
    rename: (table, name) =>
      writer.run(LOAD_DEADLINE_MS, async () => {
        await ledger.openToWrite()
        await catalog.rename(table, name)
      }),
    nameInDatabase: (schema, name) => nameInDatabase(place, schema, name),
    build: (relations) =>
      writer.run(BUILD_DEADLINE_MS, async () => {
        await ledger.openToWrite()
        const { bounded } = within(session, BUILD_DEADLINE_MS)
        const { memory } = options
        const boundedCatalog = tableCatalog(bounded, place, memory, listing)
        await buildRelations({ session: bounded, options, place, catalog: boundedCatalog, listing, memory }, relations)
      }),
    async digests(tables) {
      await ledger.open()
      return digests(session, options, catalog, tables)
    },
    flush: () => writer.run(LOAD_DEADLINE_MS, () => ledger.flush()),
    usage: () => session.usage(),
    close: () => session.close(),
  }
}

/** The tables and views of a schema by stored name; none if this role can't see the schema. */
async function objectsOf(session: Session, place: Place, schema: Schema): Promise<Set<string>> {
  const shown = await session.run(showObjects(place, schema), { limit: QUERY_LIMIT }).then(rowsOf, (error: unknown) => {
    if (codeOf(error) === NO_SUCH_SCHEMA) return []
    throw error
  })
  return new Set(shown.map(({ name }) => String(name)))
}

/** One statement for all tables. Tables that are not known to exist are looked up first. */
async function digests(
  session: Session,
  { address }: SnowflakeOptions,
  catalog: TableCatalog,
  tables: Table[],
): Promise<Record<string, Digest | null>> {
  const digest = async (present: Table[]) => {
    const result: Record<string, Digest | null> = Object.fromEntries(tables.map(({ name }) => [name, null]))
    if (present.length === 0) return result
    const { rows } = await session.run(digestsOf(address, present))
    for (const [which, rowCount, keys] of rows) {
      const table = present[Number(which)]
      if (table) result[table.name] = { rows: Number(rowCount), keys: String(keys) }
    }
    return result
  }
  const lookUp = async () => {
    await catalog.learn(tables)
    return tables.filter((table) => catalog.knows(table))
  }
  try {
    return await digest(await lookUp())
  } catch (error) {
    if (!isMissing(error)) throw error
    for (const table of tables) catalog.forget(table)
    return digest(await lookUp())
  }
}

/** A session whose statements all end before one common deadline. */
function within(session: Session, deadlineMs: number): { bounded: Session; checkDeadline: () => void } {
  const until = performance.now() + deadlineMs
  const left = () => {
    const ms = until - performance.now()
    if (ms > 0) return ms
    throw new Transient('The load did not finish in time', { remedy: 'Nothing to do. Tracklake tries again.' })
  }
  const inTime =
    (run: Session['run']): Session['run'] =>
    (statement, options = {}) =>
      run(statement, { ...options, deadlineMs: Math.min(left(), options.deadlineMs ?? STATEMENT_MS) })
  const bounded: Session = {
    ...session,
    run: inTime(session.run),
    transaction: (work) => session.transaction((run) => work(inTime(run))),
  }
  return { bounded, checkDeadline: () => void left() }
}

const STATEMENT_MS = 5 * MINUTE

function toBind(value: Cell): Bind {
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : value
}
