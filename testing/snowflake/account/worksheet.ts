import { Execution } from '#testing/snowflake/engine/execution.ts'
import { type ResultSet, status } from '#testing/snowflake/engine/results.ts'
import { asSessionReads, runTokens } from '#testing/snowflake/engine/statement.ts'
import { alreadyExists, missing, unsupported } from '#testing/snowflake/sql/failure.ts'
import { displayName, duckDatabase, duckName } from '#testing/snowflake/sql/names.ts'
import { takeProperties } from '#testing/snowflake/sql/properties.ts'
import { Cursor, is, splitStatements, type Token, tokenize } from '#testing/snowflake/sql/tokens.ts'
import { type Account, ADMIN } from './account.ts'
import type { ServerContext } from './context.ts'
import { grant, revoke } from './grants.ts'
import { takeParameters } from './parameters.ts'
import { runBlock } from './script-block.ts'
import { Session } from './session.ts'
import { alterUser, createPrincipal, describeUser } from './users.ts'

/**
 * Runs a script like an administrator in a worksheet, one statement after the other. Refuses what it doesn't know.
 * @returns the results, one per statement
 */
export async function runScript(context: ServerContext, sql: string): Promise<ResultSet[]> {
  const connection = await context.engine.connect()
  const session = new Session(context.account, ADMIN, ADMIN, connection, {})
  session.warehouse = [...context.account.warehouses.keys()][0] ?? null
  try {
    const results: ResultSet[] = []
    const run = (tokens: Token[]) => runOne(context, session, new Cursor(asSessionReads(tokens, session)))
    for (const tokens of splitStatements(tokenize(sql))) {
      const [first, second, text] = tokens
      const isBlock = is(first, 'EXECUTE') && is(second, 'IMMEDIATE') && text?.kind === 'string'
      results.push(isBlock ? await runBlock(text.text, run) : await run(tokens))
    }
    return results
  } finally {
    connection.closeSync()
  }
}

async function runOne(context: ServerContext, session: Session, cursor: Cursor): Promise<ResultSet> {
  const first = cursor.peek()?.text.toUpperCase()
  const second = cursor.peek(1)?.text.toUpperCase()
  if (first === 'GRANT') return grant(context, cursor)
  if (first === 'REVOKE') return revoke(context, cursor)
  if (first === 'CREATE' && !isTable(cursor) && !isView(cursor)) return create(context, session, cursor)
  if (first === 'ALTER' && second === 'USER') return alterUser(context, cursor)
  if (first === 'ALTER' && second === 'WAREHOUSE') return alterWarehouse(context, cursor)
  if (first === 'ALTER' && second === 'RESOURCE') return alterMonitor(context, cursor)
  if (first === 'ALTER' && second === 'ACCOUNT') return alterAccount(context, cursor)
  if (first === 'DROP' && second !== 'TABLE' && second !== 'VIEW') return drop(context, session, cursor)
  if (first === 'DESC' || first === 'DESCRIBE') return describeUser(context, cursor)
  const execution = new Execution(session, context.engine, [], Number.POSITIVE_INFINITY, new AbortController().signal)
  const outcome = await runTokens(execution, cursor, context.stages)
  return 'result' in outcome ? outcome.result : status('A worksheet cannot upload files')
}

const isTable = (cursor: Cursor) =>
  [1, 2, 3].some((ahead) => cursor.peek(ahead)?.text.toUpperCase() === 'TABLE') && !cursor.sees('CREATE', 'USER')

const isView = (cursor: Cursor) => cursor.sees('CREATE', 'VIEW') || cursor.sees('CREATE', 'OR', 'REPLACE', 'VIEW')

const WAREHOUSE = `WAREHOUSE_SIZE GENERATION AUTO_SUSPEND AUTO_RESUME INITIALLY_SUSPENDED STATEMENT_TIMEOUT_IN_SECONDS
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS RESOURCE_MONITOR COMMENT`.split(/\s+/)
const HOLDER = ['DATA_RETENTION_TIME_IN_DAYS', 'COMMENT']
const MONITOR = ['CREDIT_QUOTA', 'FREQUENCY', 'START_TIMESTAMP', 'COMMENT']

async function create(context: ServerContext, session: Session, cursor: Cursor): Promise<ResultSet> {
  const { account } = context
  cursor.expect('CREATE')
  const orReplace = cursor.takes('OR', 'REPLACE')
  cursor.takes('TRANSIENT')
  const kind = cursor.takes('RESOURCE', 'MONITOR') ? 'MONITOR' : cursor.name()
  const ifMissing = cursor.takes('IF', 'NOT', 'EXISTS')
  const path = cursor.names()
  const [name = ''] = path
  const exists = objectsOfKind(account, kind, path)?.has(path.at(-1) ?? '')
  if (exists && ifMissing) return status(`${displayName(path)} already exists, statement succeeded.`)
  if (exists && !orReplace) throw alreadyExists(displayName(path))
  if (kind === 'ROLE' || kind === 'USER') return createPrincipal(context, kind, name, cursor)
  if (kind === 'WAREHOUSE') {
    const properties = takeProperties(cursor, WAREHOUSE)
    account.warehouses.set(name, { name, owner: session.role, suspended: true, properties })
  } else if (kind === 'MONITOR') {
    account.monitors.set(name, { name, properties: takeProperties(cursor, MONITOR), exhausted: false })
  } else if (kind === 'DATABASE') {
    const comment = takeProperties(cursor, HOLDER).get('COMMENT') ?? null
    await session.connection.run(`ATTACH ':memory:' AS ${duckDatabase(name)}`)
    account.databases.set(name, { name, owner: session.role, comment, schemas: new Map() })
    await createSchema(session, [name, 'PUBLIC'], null)
  } else if (kind === 'SCHEMA') {
    await createSchema(session, path, takeProperties(cursor, HOLDER).get('COMMENT') ?? null)
  } else throw unsupported(`CREATE ${kind}`)
  return status(`${kind} ${path.at(-1)} successfully created.`)
}

async function createSchema(
  session: Session,
  [database = '', name = '']: string[],
  comment: string | null,
): Promise<void> {
  const held = session.account.database(database)
  if (!held) throw missing('Database', displayName([database]))
  await session.connection.run(`CREATE SCHEMA IF NOT EXISTS ${duckDatabase(database)}.${duckName(name)}`)
  held.schemas.set(name, { name, owner: session.role, comment, tables: new Map(), others: [] })
}

/** The map that contains the objects of a kind. */
function objectsOfKind(account: Account, kind: string, [database = '']: string[]): Map<string, unknown> | undefined {
  const all: Record<string, Map<string, unknown> | undefined> = {
    ROLE: account.roles,
    USER: account.users,
    WAREHOUSE: account.warehouses,
    MONITOR: account.monitors,
    DATABASE: account.databases,
    SCHEMA: account.databases.get(database)?.schemas,
  }
  return all[kind]
}

function alterWarehouse({ account }: ServerContext, cursor: Cursor): ResultSet {
  cursor.expect('ALTER', 'WAREHOUSE')
  cursor.takes('IF', 'EXISTS')
  const name = cursor.name()
  const warehouse = account.warehouses.get(name)
  if (!warehouse) throw missing('Warehouse', displayName([name]))
  if (cursor.takes('SUSPEND')) warehouse.suspended = true
  else if (cursor.takes('RESUME')) warehouse.suspended = false
  else if (cursor.takes('UNSET')) warehouse.properties.delete(cursor.name())
  else {
    cursor.expect('SET')
    for (const [property, value] of takeProperties(cursor, WAREHOUSE)) warehouse.properties.set(property, value)
  }
  cursor.end()
  return status('Statement executed successfully.')
}

/** ALTER RESOURCE MONITOR name SET … */
function alterMonitor({ account }: ServerContext, cursor: Cursor): ResultSet {
  cursor.expect('ALTER', 'RESOURCE', 'MONITOR')
  const name = cursor.name()
  const monitor = account.monitors.get(name)
  if (!monitor) throw missing('Resource monitor', displayName([name]))
  cursor.expect('SET')
  for (const [property, value] of takeProperties(cursor, MONITOR)) monitor.properties.set(property, value)
  return status('Statement executed successfully.')
}

/** ALTER ACCOUNT SET … or UNSET … */
function alterAccount({ account }: ServerContext, cursor: Cursor): ResultSet {
  cursor.expect('ALTER', 'ACCOUNT')
  if (cursor.takes('SET')) takeParameters(cursor, account.parameters, { ofAccount: true })
  else {
    cursor.expect('UNSET')
    do account.parameters.delete(cursor.name())
    while (cursor.takes(','))
    cursor.end()
  }
  return status('Statement executed successfully.')
}

async function drop({ account }: ServerContext, session: Session, cursor: Cursor): Promise<ResultSet> {
  cursor.expect('DROP')
  const kind = cursor.takes('RESOURCE', 'MONITOR') ? 'MONITOR' : cursor.name()
  const ifExists = cursor.takes('IF', 'EXISTS')
  const path = cursor.names()
  cursor.takes('CASCADE')
  cursor.end()
  const held = objectsOfKind(account, kind, path)
  const name = path.at(-1) ?? ''
  if (!held?.has(name)) {
    if (ifExists) return status('Drop statement executed successfully (already dropped).')
    throw missing(kind, displayName(path))
  }
  held.delete(name)
  if (kind === 'DATABASE') await session.connection.run(`DETACH ${duckDatabase(name)}`)
  if (kind === 'SCHEMA')
    await session.connection.run(`DROP SCHEMA ${duckDatabase(path[0] ?? '')}.${duckName(name)} CASCADE`)
  if (kind === 'ROLE') for (const user of account.users.values()) user.roles.delete(name)
  return status(`${name} successfully dropped.`)
}
