import type { HeldTable } from '#testing/snowflake/account/account.ts'
import type { Session } from '#testing/snowflake/account/session.ts'
import { missingTable, SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'
import { displayName, duckName, duckPath } from '#testing/snowflake/sql/names.ts'
import type { Token } from '#testing/snowflake/sql/tokens.ts'
import { Translation } from '#testing/snowflake/sql/translate.ts'
import type { Bound, Engine } from './engine.ts'
import { informationSchema } from './information-schema.ts'
import type { ResultSet } from './results.ts'

/** A table that a statement writes. */
export interface Target {
  path: string[]
  duck: string
  columns: Map<string, string>
  temporary: boolean
}

/** One statement that runs in its session. */
export class Execution {
  readonly session: Session
  readonly engine: Engine
  readonly bound: Bound[]
  readonly limit: number
  /** Whether it reads temporary tables, which only the session's own connection sees. */
  readsTemporary = false
  /** Whether it needs the virtual warehouse. */
  needsWarehouse = false
  /** Whether the warehouse ran for it. */
  usedWarehouse = false
  /** Cancels it from outside. */
  readonly signal: AbortSignal

  constructor(session: Session, engine: Engine, bound: Bound[], limit: number, signal: AbortSignal) {
    this.session = session
    this.engine = engine
    this.bound = bound
    this.limit = limit
    this.signal = signal
  }

  translation(): Translation {
    return new Translation({
      table: (path) => this.read(path),
      compute: () => {
        this.needsWarehouse = true
      },
      context: (name) => this.context(name),
      parameter: (name) => this.session.parameter(name),
    })
  }

  /** Translates a query and checks the tables it reads. */
  query(tokens: Token[]): string {
    return this.translation().query(tokens)
  }

  /** Runs DuckDB's SQL on the session's connection. */
  run(sql: string, bound: Bound[] = [], limit?: number): Promise<ResultSet> {
    return this.engine.run(this.session.connection, sql, bound, limit)
  }

  /** Runs DDL, which commits. */
  define<Result>(work: () => Promise<Result>): Promise<Result> {
    this.session.transaction = 'none'
    return this.write(work, false)
  }

  /** Runs a writing statement while no other one runs. After BEGIN or without AUTOCOMMIT its transaction stays open. */
  async write<Result>(
    work: () => Promise<Result>,
    staysOpen = this.session.transaction === 'open' || this.session.parameter('AUTOCOMMIT') === 'FALSE',
  ): Promise<Result> {
    const { session } = this
    if (session.transaction === 'aborted')
      throw new SnowflakeFailure('000625', 'Statement aborted because its transaction was aborted.', '25P02')
    try {
      return await this.writeNow(work, staysOpen)
    } catch (error) {
      if (session.transaction === 'open') session.transaction = 'aborted'
      throw error
    }
  }

  private writeNow<Result>(work: () => Promise<Result>, staysOpen: boolean): Promise<Result> {
    const { session } = this
    const { connection } = session
    return this.engine.write(connection, session, staysOpen, async () => {
      if (this.signal.aborted) throw new SnowflakeFailure('000604', 'SQL execution canceled', '57014')
      const interrupt = () => connection.interrupt()
      this.signal.addEventListener('abort', interrupt)
      try {
        return await work()
      } finally {
        this.signal.removeEventListener('abort', interrupt)
      }
    })
  }

  /** A table that this statement writes. Checks that it exists, that the role has the privileges and that a warehouse runs. */
  target(path: string[], ...privileges: string[]): Target {
    const full = this.session.fullPath(path)
    const temporary = this.session.temporary.get(temporaryKey(full))
    this.wakeWarehouse()
    if (temporary) return { path: full, duck: temporaryName(full), columns: temporary, temporary: true }
    const held = this.tableInfo(full)
    for (const privilege of privileges) this.session.requirePrivilege('TABLE', full, held.owner, privilege)
    return { path: full, duck: duckPath(full), columns: held.columns, temporary: false }
  }

  wakeWarehouse(): void {
    this.usedWarehouse = true
    this.session.wakeWarehouse()
  }

  /** A table of the account that this role sees. */
  tableInfo(full: string[]): HeldTable {
    this.session.checkSchema(full)
    const held = this.session.account.table(full)
    if (!held || !this.session.account.sees(this.session.role, 'TABLE', full, held.owner))
      throw missingTable(displayName(full))
    return held
  }

  private read(path: string[]): string {
    this.needsWarehouse = true
    const full = this.session.fullPath(path)
    const [database = '', schema, name = ''] = full
    if (schema === 'INFORMATION_SCHEMA') {
      this.session.checkSchema(full)
      return informationSchema(this.session, database, name)
    }
    if (this.session.temporary.has(temporaryKey(full))) {
      this.readsTemporary = true
      return temporaryName(full)
    }
    this.session.requirePrivilege('TABLE', full, this.tableInfo(full).owner, 'SELECT')
    // The table's own name stays the last part, so that columns can be qualified with it.
    return duckPath(full)
  }

  private context(name: string): string | null | undefined {
    const { session } = this
    const [organization = '', account = ''] = session.account.name.split('-')
    const values: Record<string, string | null> = {
      CURRENT_ORGANIZATION_NAME: organization,
      CURRENT_ACCOUNT_NAME: account,
      CURRENT_USER: session.user,
      CURRENT_ROLE: session.role,
      CURRENT_WAREHOUSE: session.warehouse,
      CURRENT_DATABASE: session.database,
      CURRENT_SCHEMA: session.schema,
      CURRENT_VERSION: '9.34.0',
      CURRENT_REGION: 'AWS_EU_WEST_1',
    }
    return Object.hasOwn(values, name) ? values[name] : undefined
  }
}

export const temporaryKey = (path: string[]) => JSON.stringify(path)
export const temporaryName = (path: string[]) => `temp.main.${duckName(path.join('.'))}`
