import { randomUUID } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { missing, missingTable, notAllowed, noWarehouse, SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'
import { displayName } from '#testing/snowflake/sql/names.ts'
import type { Account, ObjectKind, VirtualWarehouse } from './account.ts'
import { type Parameters, parameterOf } from './parameters.ts'

/** A signed-in session. */
export class Session {
  readonly id = Math.trunc(Math.random() * Number.MAX_SAFE_INTEGER)
  token: string = randomUUID()
  masterToken: string = randomUUID()
  /** The token has expired and must be renewed. */
  expired = false
  readonly account: Account
  readonly user: string
  readonly connection: DuckDBConnection
  readonly parameters: Parameters
  /** BEGIN, or a statement with AUTOCOMMIT = FALSE, began a transaction; COMMIT, ROLLBACK and DDL end it. */
  inTransaction = false
  /** A statement failed in a transaction that BEGIN started: nothing more can be written before ROLLBACK. */
  transaction: 'none' | 'open' | 'aborted' = 'none'
  role: string
  warehouse: string | null = null
  database: string | null = null
  schema: string | null = null
  /** Temporary tables of this session: path → columns. They hide other tables with the same name. */
  readonly temporary = new Map<string, Map<string, string>>()

  constructor(
    account: Account,
    user: string,
    role: string,
    connection: DuckDBConnection,
    parameters: Record<string, unknown>,
  ) {
    this.account = account
    this.user = user
    this.role = role
    this.connection = connection
    this.parameters = new Map(Object.entries(parameters).map(([key, value]) => [key, String(value)]))
  }

  /** The value of a parameter in this session. */
  parameter(name: string): string {
    const user = this.account.users.get(this.user)
    return parameterOf(name, this.parameters, ...(user ? [user.parameters] : []), this.account.parameters)
  }

  /** @throws SnowflakeFailure unless the role has one of the privileges */
  requirePrivilege(kind: ObjectKind, path: string[], owner: string, ...privileges: string[]): void {
    if (!this.account.may(this.role, kind, path, owner, ...privileges))
      throw notAllowed(kind.toLowerCase(), displayName(path.slice(-1)))
  }

  /** The full path of an object, completed with the session's database and schema. */
  fullPath(path: string[]): string[] {
    if (path.length > 3) throw missingTable(displayName(path))
    if (path.length === 3) return path
    if (this.database === null)
      throw new SnowflakeFailure(
        '090105',
        'Cannot perform operation. This session does not have a current database.',
        '22000',
      )
    if (path.length === 2) return [this.database, ...path]
    if (this.schema === null)
      throw new SnowflakeFailure(
        '090106',
        'Cannot perform operation. This session does not have a current schema.',
        '22000',
      )
    return [this.database, this.schema, ...path]
  }

  /** @throws SnowflakeFailure unless this session can use the database and schema */
  checkSchema([database = '', name = '']: string[]): void {
    const { account, role } = this
    const held = account.database(database)
    if (!held || !account.may(role, 'DATABASE', [database], held.owner, 'USAGE'))
      throw missing('Database', displayName([database]))
    if (name === 'INFORMATION_SCHEMA') return
    const schema = held.schemas.get(name)
    if (!schema || !account.may(role, 'SCHEMA', [database, name], schema.owner, 'USAGE'))
      throw missing('Schema', displayName([database, name]))
  }

  /** The virtual warehouse of the session, resumed if necessary. @throws SnowflakeFailure if it cannot run */
  wakeWarehouse(): VirtualWarehouse {
    const { account, role } = this
    const warehouse = this.warehouse === null ? undefined : account.warehouses.get(this.warehouse)
    if (!warehouse || !account.may(role, 'WAREHOUSE', [warehouse.name], warehouse.owner, 'USAGE')) throw noWarehouse()
    if (account.unpaid)
      throw new SnowflakeFailure('000666', 'Your account is suspended due to lack of payment method.', '57014')
    const monitor = account.monitors.get(warehouse.properties.get('RESOURCE_MONITOR') ?? '')
    if (monitor?.exhausted)
      throw new SnowflakeFailure(
        '090073',
        `Warehouse '${warehouse.name}' cannot be resumed because resource monitor '${monitor.name}' has exceeded its quota.`,
        '22000',
      )
    // Snowflake does not document this code, so clients only have the text.
    if (warehouse.suspended && warehouse.properties.get('AUTO_RESUME') === 'FALSE')
      throw new SnowflakeFailure('090099', `Warehouse '${warehouse.name}' is suspended.`, '57P03')
    warehouse.suspended = false
    return warehouse
  }
}
