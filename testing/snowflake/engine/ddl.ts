import { ADMIN, type HeldSchema, type HeldTable } from '#testing/snowflake/account/account.ts'
import { parameterOf } from '#testing/snowflake/account/parameters.ts'
import type { Session } from '#testing/snowflake/account/session.ts'
import {
  alreadyExists,
  cannotUse,
  missingTable,
  SnowflakeFailure,
  unsupported,
} from '#testing/snowflake/sql/failure.ts'
import { displayName, duckName, duckPath } from '#testing/snowflake/sql/names.ts'
import { Cursor, splitCommas } from '#testing/snowflake/sql/tokens.ts'
import { type KnownType, takeType } from '#testing/snowflake/sql/types.ts'
import { type Execution, temporaryKey, temporaryName } from './execution.ts'
import { type ResultSet, status } from './results.ts'

/**
 * CREATE [OR REPLACE] [TEMPORARY] TABLE [IF NOT EXISTS] name (columns) [DEFAULT_DDL_COLLATION = 'text']
 * [COMMENT = 'text']
 */
export function createTable(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  const orReplace = cursor.takes('OR', 'REPLACE')
  const temporary = cursor.takes('TEMPORARY') || cursor.takes('TEMP')
  cursor.takes('TRANSIENT')
  cursor.expect('TABLE')
  const ifMissing = cursor.takes('IF', 'NOT', 'EXISTS')
  const path = execution.session.fullPath(cursor.names())
  cursor.expect('(')
  const columns = columnsOf(cursor.group())
  const collation = cursor.takes('DEFAULT_DDL_COLLATION', '=')
    ? cursor.text()
    : parameterOf('DEFAULT_DDL_COLLATION', execution.session.account.parameters)
  const comment = cursor.takes('COMMENT', '=') ? cursor.text() : null
  cursor.end()
  if (temporary) return createTemporary(execution, path, columns, orReplace)
  return createHeld(execution, { path, columns, collation, comment, orReplace, ifMissing })
}

function columnsOf(group: Cursor['tokens']): Map<string, KnownType> {
  const columns = new Map<string, KnownType>()
  for (const part of splitCommas(group)) {
    const cursor = new Cursor(part)
    const name = cursor.name()
    if (columns.has(name))
      throw new SnowflakeFailure('002025', `SQL compilation error:\nduplicate column name '${name}'`)
    columns.set(name, takeType(cursor))
    cursor.end()
  }
  return columns
}

const declared = (columns: Map<string, KnownType>, collation: string) =>
  [...columns].map(([name, { duck }]) => `${duckName(name)} ${collated(duck, collation)}`).join(', ')

/** A type of DuckDB that compares like a collation that ignores case, as in 'en-ci'. */
const collated = (duck: string, collation: string) =>
  duck === 'VARCHAR' && collation.includes('ci') ? `${duck} COLLATE NOCASE` : duck

const heldTypes = (columns: Map<string, KnownType>) =>
  new Map([...columns].map(([name, { catalogType: held }]) => [name, held]))

async function createTemporary(
  execution: Execution,
  path: string[],
  columns: Map<string, KnownType>,
  orReplace: boolean,
): Promise<ResultSet> {
  execution.session.checkSchema(path)
  const { temporary } = execution.session
  if (temporary.has(temporaryKey(path)) && !orReplace) throw alreadyExists(displayName(path))
  await execution.define(() =>
    execution.run(`CREATE OR REPLACE TEMP TABLE ${temporaryName(path).slice(10)} (${declared(columns, '')})`),
  )
  temporary.set(temporaryKey(path), heldTypes(columns))
  return status(`Table ${path.at(-1)} successfully created.`)
}

interface NewTable {
  path: string[]
  columns: Map<string, KnownType>
  collation: string
  comment: string | null
  orReplace: boolean
  ifMissing: boolean
}

function createHeld(
  execution: Execution,
  { path, columns, collation, comment, orReplace, ifMissing }: NewTable,
): Promise<ResultSet> {
  return execution.define(async () => {
    const schema = schemaFor(execution, path)
    const name = path[2] ?? ''
    const existing = schema.tables.get(name)
    if (existing && ifMissing) return status(`${name} already exists, statement succeeded.`)
    if (existing && (!orReplace || existing.isView)) throw alreadyExists(displayName(path))
    if (existing) execution.session.requirePrivilege('TABLE', path, existing.owner, 'OWNERSHIP')
    await execution.run(`CREATE OR REPLACE TABLE ${duckPath(path)} (${declared(columns, collation)})`)
    const table: HeldTable = { name, owner: execution.session.role, comment, collation, columns: heldTypes(columns) }
    schema.tables.set(name, table)
    grantFuture(execution, path, 'TABLE')
    return status(`Table ${name} successfully created.`)
  })
}

/** The schema, if the role can create a table or view in it. */
export function schemaFor(
  execution: Execution,
  [database = '', name = '']: string[],
  privilege: 'CREATE TABLE' | 'CREATE VIEW' = 'CREATE TABLE',
): HeldSchema {
  execution.session.checkSchema([database, name])
  const schema = execution.session.account.schema(database, name)
  if (!schema) throw cannotUse()
  execution.session.requirePrivilege('SCHEMA', [database, name], schema.owner, privilege)
  return schema
}

export function grantFuture(execution: Execution, path: string[], of: 'TABLE' | 'VIEW'): void {
  const { account } = execution.session
  for (const { role, privilege, kind, schema } of account.future)
    if (kind === of && schema[0] === path[0] && schema[1] === path[1])
      account.roles.get(role)?.grants.add(`${privilege} ${JSON.stringify(['TABLE', ...path])}`)
}

/** ALTER TABLE name RENAME TO name, in the same schema. */
function renameTable(execution: Execution, path: string[], cursor: Cursor): Promise<ResultSet> {
  const target = execution.session.fullPath(cursor.names())
  cursor.end()
  return execution.define(async () => {
    const [database = '', schemaName = '', name = ''] = path
    const held = execution.tableInfo(path)
    execution.session.requirePrivilege('TABLE', path, held.owner, 'OWNERSHIP')
    const schema = schemaFor(execution, target)
    if (execution.session.account.schema(database, schemaName) !== schema)
      throw unsupported('a rename to another schema')
    const renamed = target[2] ?? ''
    if (schema.tables.has(renamed)) throw alreadyExists(displayName(target))
    await execution.run(`ALTER TABLE ${duckPath(path)} RENAME TO ${duckName(renamed)}`)
    schema.tables.delete(name)
    schema.tables.set(renamed, { ...held, name: renamed })
    return status('Statement executed successfully.')
  })
}

/** ALTER TABLE name ADD COLUMN [IF NOT EXISTS] name type, … or RENAME TO name */
export function alterTable(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  cursor.expect('TABLE')
  const path = execution.session.fullPath(cursor.names())
  if (cursor.takes('RENAME', 'TO')) return renameTable(execution, path, cursor)
  cursor.expect('ADD', 'COLUMN')
  const ifMissing = cursor.takes('IF', 'NOT', 'EXISTS')
  const columns = columnsOf(cursor.rest())
  return execution.define(async () => {
    const held = execution.tableInfo(path)
    execution.session.requirePrivilege('TABLE', path, held.owner, 'OWNERSHIP')
    const existing = [...columns.keys()].find((name) => held.columns.has(name))
    if (existing !== undefined && !ifMissing)
      throw new SnowflakeFailure('001430', `SQL compilation error:\ncolumn '${existing}' already exists`)
    for (const [name, { catalogType: type, duck }] of columns) {
      if (held.columns.has(name)) continue
      await execution.run(
        `ALTER TABLE ${duckPath(path)} ADD COLUMN ${duckName(name)} ${collated(duck, held.collation)}`,
      )
      held.columns.set(name, type)
    }
    return status('Statement executed successfully.')
  })
}

/** DROP TABLE [IF EXISTS] name */
export function dropTable(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  cursor.expect('TABLE')
  const ifExists = cursor.takes('IF', 'EXISTS')
  const path = execution.session.fullPath(cursor.names())
  cursor.end()
  const gone = status(`${path.at(-1)} successfully dropped.`)
  return execution.define(async () => {
    if (execution.session.temporary.delete(temporaryKey(path))) {
      await execution.run(`DROP TABLE ${temporaryName(path)}`)
      return gone
    }
    execution.session.checkSchema(path)
    const [database = '', schemaName = '', name = ''] = path
    const schema = execution.session.account.schema(database, schemaName)
    const held = schema?.tables.get(name)
    if (!schema || !held) {
      if (ifExists) return status('Drop statement executed successfully (already dropped).')
      throw missingTable(displayName(path))
    }
    if (held.isView)
      throw new SnowflakeFailure(
        '001998',
        `SQL compilation error:\nObject found is of type 'VIEW', not specified type 'TABLE'.`,
      )
    execution.session.requirePrivilege('TABLE', path, held.owner, 'OWNERSHIP')
    await execution.run(`DROP TABLE ${duckPath(path)}`)
    schema.tables.delete(name)
    execution.session.account.forgetGrants('TABLE', path)
    return gone
  })
}

/** USE ROLE, WAREHOUSE, DATABASE or SCHEMA */
export async function use(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  const { session } = execution
  const { account } = session
  const done = status('Statement executed successfully.')
  if (cursor.takes('SECONDARY', 'ROLES', 'NONE')) return done
  const kind = cursor.name()
  const path = cursor.names()
  cursor.end()
  const [name = ''] = path
  if (kind === 'ROLE') {
    const user = account.users.get(session.user)
    if (session.user !== ADMIN && !user?.roles.has(name))
      throw new SnowflakeFailure(
        '003013',
        `SQL access control error:\nRequested role '${name}' is not assigned to the executing user.`,
        '42501',
      )
    session.role = name
  } else if (kind === 'WAREHOUSE') {
    const warehouse = account.warehouses.get(name)
    if (!warehouse || !account.may(session.role, 'WAREHOUSE', [name], warehouse.owner, 'USAGE')) throw cannotUse()
    session.warehouse = name
  } else if (kind === 'DATABASE' || kind === 'SCHEMA') {
    const full = kind === 'SCHEMA' && path.length === 1 ? [session.database ?? '', name] : path
    usable(session, full)
    session.database = full[0] ?? null
    session.schema = full[1] ?? (account.schema(name, 'PUBLIC') ? 'PUBLIC' : null)
  } else throw unsupported(`USE ${kind}`)
  return done
}

/** @throws SnowflakeFailure unless this session can use the database and, if it is named, the schema */
export function usable(session: Session, [database = '', schema]: string[]): void {
  const held = session.account.database(database)
  if (!held || !session.account.may(session.role, 'DATABASE', [database], held.owner, 'USAGE')) throw cannotUse()
  if (schema === undefined) return
  const found = held.schemas.get(schema)
  if (!found || !session.account.may(session.role, 'SCHEMA', [database, schema], found.owner, 'USAGE'))
    throw cannotUse()
}
