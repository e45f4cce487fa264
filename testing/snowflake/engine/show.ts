import { ADMIN, type HeldTable, readGrant } from '#testing/snowflake/account/account.ts'
import { SESSION_PARAMETER_NAMES } from '#testing/snowflake/account/parameters.ts'
import { cannotUse, missing, missingTable, notAllowed, unsupported } from '#testing/snowflake/sql/failure.ts'
import { displayName } from '#testing/snowflake/sql/names.ts'
import type { Cursor } from '#testing/snowflake/sql/tokens.ts'
import { usable } from './ddl.ts'
import type { Execution } from './execution.ts'
import { type ResultSet, textColumn } from './results.ts'

/** The SHOW statements that the product uses; none needs a virtual warehouse. */
export async function show(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  if (cursor.takes('WAREHOUSES')) return showWarehouses(execution, cursor)
  if (cursor.takes('GRANTS', 'TO', 'ROLE')) return showGrants(execution, cursor)
  if (cursor.takes('GRANTS', 'OF', 'ROLE')) return showGrantsOf(execution, cursor)
  if (cursor.takes('GRANTS', 'ON', 'SCHEMA')) return showGrantsOn(execution, cursor)
  if (cursor.takes('OBJECTS', 'IN', 'SCHEMA')) return showTables(execution, cursor, 'objects')
  if (cursor.takes('VIEWS', 'IN', 'SCHEMA')) return showTables(execution, cursor, 'views')
  if (cursor.takes('RESOURCE', 'MONITORS')) return showNamed(execution, cursor, 'monitors')
  for (const kind of ['users', 'roles', 'databases'] as const)
    if (cursor.takes(kind.toUpperCase())) return showNamed(execution, cursor, kind)
  if (cursor.takes('SCHEMAS')) return showSchemas(execution, cursor)
  if (cursor.takes('TABLES', 'IN', 'SCHEMA')) return showTables(execution, cursor, 'tables')
  if (cursor.takes('COLUMNS', 'IN')) return showColumns(execution, cursor)
  if (cursor.takes('PARAMETERS', 'IN', 'SESSION')) return showParameters(execution, cursor)
  for (const kind of OTHER_KINDS)
    if (cursor.takes(...kind.split(' '), 'IN', 'SCHEMA')) return showOthers(execution, cursor, kind)
  throw unsupported(`SHOW ${cursor.peek()?.text}`)
}

const OTHER_KINDS = ['STAGES', 'USER FUNCTIONS', 'SEQUENCES', 'STREAMS', 'TASKS', 'PIPES', 'FILE FORMATS']

function showOthers({ session }: Execution, cursor: Cursor, kind: string): ResultSet {
  const path = cursor.names()
  cursor.end()
  usable(session, path)
  const [database = '', schema = ''] = path
  const others = session.account.schema(database, schema)?.others.filter((other) => other.kind === kind) ?? []
  return shown(
    ['created_on', 'name'],
    others.map(({ name }) => [CREATED, name]),
  )
}

const CREATED = '2026-01-01 00:00:00.000 +0000'
const MAX_SHOWN = 10_000

const shown = (names: string[], rows: (string | null)[][]): ResultSet => ({
  columns: names.map(textColumn),
  rows: rows.slice(0, MAX_SHOWN),
})

/** What an administrator sees of the account. Others see less, and the product does not ask for them. */
function showNamed(
  { session: { account, role } }: Execution,
  cursor: Cursor,
  kind: 'users' | 'roles' | 'databases' | 'monitors',
): ResultSet {
  const pattern = cursor.takes('LIKE') ? likePattern(cursor.text()) : /^/
  cursor.end()
  if (!account.effective(role).has(ADMIN)) throw notAllowed('account', account.name)
  const all: Iterable<{ name: string; comment?: string | null }> = account[kind].values()
  const rows = [...all]
    .filter(({ name }) => pattern.test(name))
    .map(({ name, comment }) => [CREATED, name, comment ?? ''])
  return shown(['created_on', 'name', 'comment'], rows)
}

/** To whom a role is granted. */
function showGrantsOf({ session: { account } }: Execution, cursor: Cursor): ResultSet {
  const name = cursor.name()
  cursor.end()
  if (!account.roles.has(name)) throw missing('Role', displayName([name]))
  const users = [...account.users.values()].filter(({ roles }) => roles.has(name))
  const roles = [...account.roles.values()].filter(({ inherits }) => inherits.has(name))
  const rows = [
    ...users.map((user) => [CREATED, name, 'USER', user.name]),
    ...roles.map((role) => [CREATED, name, 'ROLE', role.name]),
  ]
  return shown(['created_on', 'role', 'granted_to', 'grantee_name'], rows)
}

/** Who has which privilege on a schema that this role can use. */
function showGrantsOn({ session }: Execution, cursor: Cursor): ResultSet {
  const path = cursor.names()
  cursor.end()
  usable(session, path)
  const rows = [...session.account.roles.values()].flatMap(({ name, grants }) =>
    [...grants]
      .map(readGrant)
      .flatMap(({ privilege, kind, path: of }) =>
        kind === 'SCHEMA' && of.join('.') === path.join('.')
          ? [[CREATED, privilege, 'SCHEMA', displayName(path), 'ROLE', name]]
          : [],
      ),
  )
  return shown(['created_on', 'privilege', 'granted_on', 'name', 'granted_to', 'grantee_name'], rows)
}

function showSchemas({ session }: Execution, cursor: Cursor): ResultSet {
  const pattern = cursor.takes('LIKE') ? likePattern(cursor.text()) : /^/
  cursor.expect('IN', 'DATABASE')
  const database = cursor.name()
  cursor.end()
  const held = session.account.database(database)
  if (!held || !session.account.may(session.role, 'DATABASE', [database], held.owner, 'USAGE')) throw cannotUse()
  const rows = [...held.schemas.values()]
    .filter(({ name, owner }) => session.account.sees(session.role, 'SCHEMA', [database, name], owner))
    .filter(({ name }) => pattern.test(name))
    .map(({ name, owner, comment }) => [CREATED, name, database, owner, comment ?? ''])
  return shown(['created_on', 'name', 'database_name', 'owner', 'comment'], rows)
}

/** The tables of a schema that this role sees, with the session's temporary ones. */
function tablesIn({ session }: Execution, path: string[]): HeldTable[] {
  const { account, role } = session
  usable(session, path)
  const [database = '', schema = ''] = path
  return [...(account.schema(database, schema)?.tables.values() ?? [])].filter(({ name, owner }) =>
    account.sees(role, 'TABLE', [database, schema, name], owner),
  )
}

function showTables(execution: Execution, cursor: Cursor, which: 'tables' | 'views' | 'objects'): ResultSet {
  const path = cursor.names()
  cursor.end()
  const [database = '', schema = ''] = path
  const shownHere = tablesIn(execution, path).filter(
    ({ isView = false }) => which === 'objects' || isView === (which === 'views'),
  )
  const rows = shownHere.map(({ name, isView, comment, owner }) => [
    CREATED,
    name,
    database,
    schema,
    isView ? 'VIEW' : 'TABLE',
    comment ?? '',
    owner,
  ])
  return shown(['created_on', 'name', 'database_name', 'schema_name', 'kind', 'comment', 'owner'], rows)
}

// The names of these types in SHOW COLUMNS.
const SHOWN_TYPES: Record<string, string> = { NUMBER: 'FIXED', FLOAT: 'REAL' }

function showColumns(execution: Execution, cursor: Cursor): ResultSet {
  const ofTable = cursor.takes('TABLE')
  if (!ofTable) cursor.expect('SCHEMA')
  const path = cursor.names()
  cursor.end()
  const [database = '', schema = '', table] = path
  const tables = tablesIn(execution, [database, schema]).filter(({ name }) => !ofTable || name === table)
  if (ofTable && tables.length === 0) throw missingTable(displayName(path))
  const rows = tables.flatMap(({ name, columns }) =>
    [...columns].map(([column, type]) => [
      name,
      schema,
      column,
      JSON.stringify({ type: SHOWN_TYPES[type] ?? type, nullable: true }),
      'COLUMN',
      database,
    ]),
  )
  return shown(['table_name', 'schema_name', 'column_name', 'data_type', 'kind', 'database_name'], rows)
}

function showParameters({ session }: Execution, cursor: Cursor): ResultSet {
  cursor.end()
  const rows = SESSION_PARAMETER_NAMES.map((name) => {
    const value = session.parameter(name)
    return [name, /^(TRUE|FALSE)$/.test(value) ? value.toLowerCase() : value]
  })
  return shown(['key', 'value'], rows)
}

function showWarehouses({ session }: Execution, cursor: Cursor): ResultSet {
  const pattern = cursor.takes('LIKE') ? likePattern(cursor.text()) : /^/
  cursor.end()
  const names = [
    'name',
    'state',
    'type',
    'size',
    'auto_suspend',
    'auto_resume',
    'resource_monitor',
    'owner',
    'comment',
    'generation',
  ]
  const rows = [...session.account.warehouses.values()]
    .filter(({ name, owner }) => session.account.sees(session.role, 'WAREHOUSE', [name], owner))
    .filter(({ name }) => pattern.test(name))
    .map(({ name, suspended, properties, owner }) => [
      name,
      suspended ? 'SUSPENDED' : 'STARTED',
      'STANDARD',
      properties.get('WAREHOUSE_SIZE') === 'XSMALL' ? 'X-Small' : (properties.get('WAREHOUSE_SIZE') ?? 'X-Small'),
      properties.get('AUTO_SUSPEND') ?? '600',
      (properties.get('AUTO_RESUME') ?? 'TRUE').toLowerCase(),
      properties.get('RESOURCE_MONITOR') ?? 'null',
      owner,
      properties.get('COMMENT') ?? '',
      properties.get('GENERATION') ?? '2',
    ])
  return { columns: names.map(textColumn), rows }
}

/** A LIKE pattern; SHOW ignores case. */
function likePattern(text: string): RegExp {
  const pattern = text.replaceAll(/\\([\s\S])|[%_]|[.*+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    if (found === '%') return '[\\s\\S]*'
    return found === '_' ? '[\\s\\S]' : `\\${found}`
  })
  return new RegExp(`^${pattern}$`, 'i')
}

function showGrants({ session }: Execution, cursor: Cursor): ResultSet {
  const name = cursor.name()
  cursor.end()
  const names = [
    'created_on',
    'privilege',
    'granted_on',
    'name',
    'granted_to',
    'grantee_name',
    'grant_option',
    'granted_by',
  ]
  const role = session.account.roles.get(name)
  const effective = session.account.effective(session.role)
  if (!role || !(effective.has(name) || effective.has(ADMIN))) throw missing('Role', displayName([name]))
  const rows = [...role.grants].map((grant) => {
    const { privilege, kind, path } = readGrant(grant)
    return [CREATED, privilege, kind, displayName(path), 'ROLE', name, 'false', 'ACCOUNTADMIN']
  })
  return { columns: names.map(textColumn), rows }
}
