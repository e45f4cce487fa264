import { type ResultSet, status } from '#testing/snowflake/engine/results.ts'
import { missing, unsupported } from '#testing/snowflake/sql/failure.ts'
import { displayName } from '#testing/snowflake/sql/names.ts'
import { takePrivileges } from '#testing/snowflake/sql/properties.ts'
import type { Cursor } from '#testing/snowflake/sql/tokens.ts'
import { type Account, grantKey, type ObjectKind } from './account.ts'
import type { ServerContext } from './context.ts'

const done = () => status('Statement executed successfully.')

const ALLOWED: Record<string, string[]> = {
  WAREHOUSE: ['USAGE', 'OPERATE', 'MONITOR', 'MODIFY'],
  DATABASE: ['USAGE', 'MONITOR', 'CREATE SCHEMA'],
  SCHEMA: ['USAGE', 'MONITOR', 'CREATE TABLE', 'CREATE VIEW', 'CREATE STAGE', 'CREATE FILE FORMAT'],
  TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES'],
  VIEW: ['SELECT', 'REFERENCES'],
  MONITOR: ['MONITOR', 'MODIFY'],
}

/** GRANT ROLE …, GRANT OWNERSHIP ON …, GRANT privileges ON … */
export function grant({ account }: ServerContext, cursor: Cursor): ResultSet {
  cursor.expect('GRANT')
  if (cursor.takes('ROLE')) return grantRole(account, cursor)
  const privileges = takePrivileges(cursor)
  cursor.expect('ON')
  const scope = scopeOf(account, cursor)
  cursor.expect('TO', 'ROLE')
  const role = roleNamed(account, cursor.name())
  cursor.takes('COPY', 'CURRENT', 'GRANTS')
  cursor.takes('REVOKE', 'CURRENT', 'GRANTS')
  cursor.end()
  if (privileges.includes('OWNERSHIP')) {
    own(account, scope, role.name)
    return done()
  }
  for (const privilege of expanded(privileges, scope.kind)) {
    if (scope.future) account.future.push({ role: role.name, privilege, kind: scope.future, schema: scope.schema })
    for (const path of scope.paths) role.grants.add(grantKey(privilege, scope.kind, path))
  }
  return done()
}

export function revoke({ account }: ServerContext, cursor: Cursor): ResultSet {
  cursor.expect('REVOKE')
  if (cursor.takes('ROLE')) {
    const name = cursor.name()
    cursor.expect('FROM')
    if (cursor.takes('USER')) account.users.get(cursor.name())?.roles.delete(name)
    else {
      cursor.expect('ROLE')
      account.roles.get(cursor.name())?.inherits.delete(name)
    }
    cursor.end()
    return done()
  }
  const privileges = takePrivileges(cursor)
  cursor.expect('ON')
  const scope = scopeOf(account, cursor)
  cursor.expect('FROM', 'ROLE')
  const role = roleNamed(account, cursor.name())
  cursor.end()
  for (const privilege of expanded(privileges, scope.kind))
    for (const path of scope.paths) role.grants.delete(grantKey(privilege, scope.kind, path))
  return done()
}

function grantRole(account: Account, cursor: Cursor): ResultSet {
  const role = roleNamed(account, cursor.name())
  cursor.expect('TO')
  if (cursor.takes('USER')) {
    const name = cursor.name()
    const user = account.users.get(name)
    if (!user) throw missing('User', displayName([name]))
    user.roles.add(role.name)
  } else {
    cursor.expect('ROLE')
    roleNamed(account, cursor.name()).inherits.add(role.name)
  }
  cursor.end()
  return done()
}

interface Scope {
  kind: ObjectKind
  paths: string[][]
  future: false | 'TABLE' | 'VIEW'
  schema: string[]
}

function scopeOf(account: Account, cursor: Cursor): Scope {
  const future = cursor.takes('FUTURE')
  if (future || cursor.takes('ALL')) {
    const plural = cursor.name()
    if (plural !== 'TABLES' && plural !== 'VIEWS') throw unsupported(`grants on all ${plural}`)
    cursor.expect('IN', 'SCHEMA')
    const schema = cursor.names()
    const held = account.schema(schema[0] ?? '', schema[1] ?? '')
    if (!held) throw missing('Schema', displayName(schema))
    const ofViews = plural === 'VIEWS'
    const existing = future ? [] : [...held.tables.values()].filter(({ isView = false }) => isView === ofViews)
    const paths = existing.map(({ name }) => [...schema, name])
    return { kind: 'TABLE', paths, future: future && (ofViews ? 'VIEW' : 'TABLE'), schema }
  }
  const kind = cursor.takes('RESOURCE', 'MONITOR') ? 'MONITOR' : cursor.name()
  if (!isKind(kind)) throw unsupported(`grants on a ${kind}`)
  const path = cursor.names()
  if (!exists(account, kind, path)) throw missing(kind, displayName(path))
  return { kind, paths: [path], future: false, schema: path }
}

const isKind = (kind: string): kind is ObjectKind =>
  ['WAREHOUSE', 'DATABASE', 'SCHEMA', 'TABLE', 'MONITOR'].includes(kind)

function exists(account: Account, kind: ObjectKind, path: string[]): boolean {
  const [first = '', second = ''] = path
  if (kind === 'WAREHOUSE') return account.warehouses.has(first)
  if (kind === 'MONITOR') return account.monitors.has(first)
  if (kind === 'DATABASE') return account.databases.has(first)
  return kind === 'SCHEMA' ? account.schema(first, second) !== undefined : account.table(path) !== undefined
}

function own(account: Account, { kind, paths }: Scope, role: string): void {
  for (const path of paths) {
    const [first = '', second = ''] = path
    const held = {
      WAREHOUSE: account.warehouses.get(first),
      DATABASE: account.database(first),
      SCHEMA: account.schema(first, second),
      TABLE: account.table(path),
      MONITOR: undefined,
    }[kind]
    if (!held) throw unsupported(`the ownership of a ${kind}`)
    held.owner = role
  }
}

function expanded(privileges: string[], kind: string): string[] {
  const allowed = ALLOWED[kind] ?? []
  if (privileges.some((privilege) => privilege === 'ALL' || privilege === 'ALL PRIVILEGES')) return allowed
  const unknown = privileges.find((privilege) => !allowed.includes(privilege))
  if (unknown !== undefined) throw unsupported(`the privilege ${unknown} on a ${kind}`)
  return privileges
}

function roleNamed(account: Account, name: string) {
  const role = account.roles.get(name)
  if (!role) throw missing('Role', displayName([name]))
  return role
}
