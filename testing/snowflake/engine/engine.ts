import { type DuckDBConnection, DuckDBInstance, type DuckDBType, type DuckDBValue } from '@duckdb/node-api'
import { SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'
import { MACROS } from '#testing/snowflake/sql/functions.ts'
import { columnOf, encode, type ResultSet } from './results.ts'

const OPTIONS = {
  threads: '1',
  memory_limit: '1GB',
  // Sorts like Snowflake: null is the greatest value.
  default_null_order: 'nulls_last_on_asc_first_on_desc',
}

/** A value bound to a `?`. */
export interface Bound {
  value: DuckDBValue
  type: DuckDBType
}

/** The DuckDB with the tables. Writing statements run one at a time, because the tests don't cover locks. */
export class Engine {
  private readonly instance: DuckDBInstance
  private lastWrite: Promise<unknown> = Promise.resolve()

  private constructor(instance: DuckDBInstance) {
    this.instance = instance
  }

  static async open(): Promise<Engine> {
    const engine = new Engine(await DuckDBInstance.create(':memory:', OPTIONS))
    const connection = await engine.connect()
    for (const macro of MACROS) await connection.run(macro)
    connection.closeSync()
    return engine
  }

  connect(): Promise<DuckDBConnection> {
    return this.instance.connect()
  }

  /**
   * Runs a writing statement while no other one runs, in one transaction.
   * @param session whether its transaction is open, and whether it stays open afterwards
   */
  write<Result>(
    connection: DuckDBConnection,
    session: { inTransaction: boolean },
    staysOpen: boolean,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const write = this.lastWrite.then(async () => {
      if (!session.inTransaction) await connection.run('BEGIN')
      try {
        const result = await work()
        session.inTransaction = staysOpen
        if (!staysOpen) await connection.run('COMMIT')
        return result
      } catch (error) {
        session.inTransaction = false
        await connection.run('ROLLBACK').catch(() => {})
        throw error
      }
    })
    this.lastWrite = write.catch(() => {})
    return write
  }

  /** Runs one statement in DuckDB's SQL. The result is in Snowflake's wire format. */
  async run(connection: DuckDBConnection, sql: string, bound: Bound[] = [], limit = Infinity): Promise<ResultSet> {
    try {
      const values = bound.map(({ value }) => value)
      const valueTypes = bound.map(({ type }) => type)
      const result = await (bound.length > 0 ? connection.stream(sql, values, valueTypes) : connection.stream(sql))
      const types = result.columnTypes()
      const columns = result.columnNames().map((name, index) => columnOf(name, types[index]))
      const rows: (string | null)[][] = []
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        for (const row of chunk.getRows()) {
          if (rows.length >= limit) return { columns, rows }
          rows.push(row.map((cell, index) => encode(cell, columns[index]?.type)))
        }
      }
      return { columns, rows }
    } catch (error) {
      throw toFailure(error)
    }
  }

  close(): void {
    this.instance.closeSync()
  }
}

// DuckDB's errors and the Snowflake errors they correspond to.
const MEANINGS: [RegExp, string, string][] = [
  [/^INTERRUPT/i, '000604', '57014'],
  [/Malformed JSON/i, '100069', '22P02'],
  [/^Conversion Error/i, '100038', '22018'],
  [/^Constraint Error: NOT NULL/i, '100072', '22000'],
  [
    /^Binder Error: Referenced column|^Binder Error: Values list|^Binder Error: Table ".*" does not have a column/i,
    '000904',
    '42000',
  ],
]

function toFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SnowflakeFailure) return error
  const meaning = MEANINGS.find(([pattern]) => pattern.test(error.message))
  const [, code, state] = meaning ?? [undefined, '001003', '42000']
  return new SnowflakeFailure(code, `SQL compilation error:\n${error.message}`, state)
}
