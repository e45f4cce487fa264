import { MINUTE, now as present } from '#lib/core/clock.ts'
import { Transient } from '#lib/core/errors.ts'
import type { Cell, Row, Table } from '#lib/core/table.ts'
import { Turns } from '#lib/warehouse/turns.ts'
import type { Digest, Warehouse } from '#lib/warehouse/warehouse.ts'
import type { SnowflakeOptions, SnowflakeUsage } from './connection.ts'
import { codeOf } from './failures.ts'
import { Ledger } from './ledger.ts'
import { loadRead } from './load.ts'
import { checkQuestion } from './question.ts'
import { digestsOf, existingTables } from './schema-sql.ts'
import { Schemas } from './schemas.ts'
import { openSession, type Session } from './session.ts'
import { type Bind, heldName, tableName } from './sql.ts'

const LOAD_DEADLINE_MS = 10 * MINUTE
// The warehouse may have to start first.
const ASK_DEADLINE_MS = MINUTE
const ASK_LIMIT = 10_000
const TABLE_GONE = '002003'

/** A warehouse in a Snowflake account of the listener's own. */
export interface SnowflakeWarehouse extends Warehouse {
  readonly kind: 'snowflake'
  /** What its session cost so far. */
  usage(): SnowflakeUsage
  /** Signs out; never throws. What was not settled is loaded again by a repetition. */
  close(): Promise<void>
}

/**
 * A warehouse that signs in with its first use. One session loads any number of tables, one load after the other;
 * questions run beside.
 */
export function openSnowflake(options: SnowflakeOptions): SnowflakeWarehouse {
  const session = openSession(options)
  const ledger = new Ledger(session, options)
  const schemas = new Schemas(session, options.address, options.memory)
  const writer = new Turns(1)
  const place = options.address

  return {
    kind: 'snowflake',
    load: (load) =>
      writer.take(LOAD_DEADLINE_MS, () => {
        const { bounded, alive } = within(session, LOAD_DEADLINE_MS)
        return loadRead(
          {
            session: bounded,
            place,
            ledger,
            schemas: new Schemas(bounded, place, options.memory),
            now: options.now ?? present,
            alive,
          },
          load,
        )
      }),
    async ask(sql, values, { limit = ASK_LIMIT, deadlineMs = ASK_DEADLINE_MS } = {}) {
      checkQuestion(sql)
      await ledger.open()
      const statement = { text: sql, values: values.map(toBind) }
      const { names, rows } = await session.run(statement, { question: true, limit, deadlineMs })
      return rows.map((row): Row => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])))
    },
    table: (schema, name) => tableName(place, { schema, name }).text,
    async existing(schema, names) {
      if (names.length === 0) return []
      await ledger.open()
      const { rows } = await session.run(existingTables(place, schema, names), { warehouse: false })
      const held = new Set(rows.map(([name]) => name))
      return names.filter((name) => held.has(heldName(name)))
    },
    async digests(tables) {
      await ledger.open()
      return digests(session, options, schemas, tables)
    },
    settle: () => writer.take(LOAD_DEADLINE_MS, () => ledger.settle()),
    usage: () => session.usage(),
    close: () => session.close(),
  }
}

/** One statement for all tables; only when a table is not known to exist it is looked up before. */
async function digests(
  session: Session,
  { address }: SnowflakeOptions,
  schemas: Schemas,
  tables: Table[],
): Promise<Record<string, Digest | null>> {
  const digest = async (present: Table[]) => {
    const result: Record<string, Digest | null> = Object.fromEntries(tables.map(({ name }) => [name, null]))
    if (present.length === 0) return result
    const { rows } = await session.run(digestsOf(address, present))
    for (const [which, held, keys] of rows) {
      const table = present[Number(which)]
      if (table) result[table.name] = { rows: Number(held), keys: String(keys) }
    }
    return result
  }
  const lookUp = async () => {
    await schemas.learn(tables)
    return tables.filter((table) => schemas.remembers(table))
  }
  try {
    return await digest(await lookUp())
  } catch (thrown) {
    if (codeOf(thrown) !== TABLE_GONE) throw thrown
    for (const table of tables) schemas.forget(table)
    return digest(await lookUp())
  }
}

/** A session whose statements all end before the deadline of the whole. */
function within(session: Session, deadlineMs: number): { bounded: Session; alive: () => void } {
  const until = performance.now() + deadlineMs
  const left = () => {
    const ms = until - performance.now()
    if (ms > 0) return ms
    throw new Transient('The load did not end in time', { remedy: 'Nothing to do. It is tried again.' })
  }
  const bounded: Session = {
    ...session,
    run: (statement, options = {}) =>
      session.run(statement, { ...options, deadlineMs: Math.min(left(), options.deadlineMs ?? STATEMENT_MS) }),
  }
  return { bounded, alive: () => void left() }
}

const STATEMENT_MS = 5 * MINUTE

function toBind(value: Cell): Bind {
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : value
}
