import type { Parameters } from './parameters.ts'

/** What an account contains. Names are as Snowflake stores them: without quotes, upper case unless they were quoted. */

export interface User {
  name: string
  type: 'SERVICE' | 'PERSON'
  /** The two slots for public keys: base64 without BEGIN and END. */
  keys: Partial<Record<'RSA_PUBLIC_KEY' | 'RSA_PUBLIC_KEY_2', string>>
  password?: string
  tokens: Map<string, { expiresAt: number; role?: string }>
  roles: Set<string>
  defaults: { role?: string; warehouse?: string; namespace?: string[] }
  /** Defaults of the user's sessions. */
  parameters: Parameters
  comment: string | null
}

export interface Role {
  name: string
  comment: string | null
  /** Roles whose privileges this one has too. */
  inherits: Set<string>
  /** `grantKey()` of what was granted to it. */
  grants: Set<string>
}

export interface VirtualWarehouse {
  name: string
  owner: string
  suspended: boolean
  properties: Map<string, string>
}

export interface Monitor {
  name: string
  properties: Map<string, string>
  exhausted: boolean
}

/** A table or view. They share one namespace and the privileges to read them. */
export interface HeldTable {
  name: string
  isView?: true
  owner: string
  comment: string | null
  /** DEFAULT_DDL_COLLATION of the table. */
  collation: string
  /** Types as Snowflake's catalog names them. */
  columns: Map<string, string>
}

export interface HeldSchema {
  name: string
  owner: string
  comment: string | null
  tables: Map<string, HeldTable>
  /** What is no table or view, by the kind that SHOW knows. */
  others: { kind: string; name: string }[]
}

export interface Database {
  name: string
  owner: string
  comment: string | null
  schemas: Map<string, HeldSchema>
}

export type ObjectKind = 'WAREHOUSE' | 'DATABASE' | 'SCHEMA' | 'TABLE' | 'MONITOR'

export const ADMIN = 'ACCOUNTADMIN'
const ADMINS = [ADMIN, 'SYSADMIN', 'USERADMIN', 'SECURITYADMIN', 'PUBLIC']

/** An account with its users and objects, and who can do what with them. */
export class Account {
  readonly name: string
  readonly users = new Map<string, User>()
  readonly roles = new Map<string, Role>()
  readonly warehouses = new Map<string, VirtualWarehouse>()
  readonly monitors = new Map<string, Monitor>()
  readonly databases = new Map<string, Database>()
  /** Future grants: what a role gets on new objects of a schema. */
  readonly future: { role: string; privilege: string; kind: string; schema: string[] }[] = []
  /** Defaults of all sessions and new tables. */
  readonly parameters: Parameters = new Map()
  /** While the bill is unpaid no statement runs on a warehouse, but signing in still works. */
  unpaid = false

  constructor(name: string) {
    this.name = name
    for (const role of ADMINS) this.addRole(role)
  }

  addRole(name: string, comment: string | null = null): Role {
    const role = { name, comment, inherits: new Set<string>(), grants: new Set<string>() }
    this.roles.set(name, role)
    return role
  }

  /** A role and all roles it inherits from. */
  effective(name: string): Set<string> {
    const found = new Set<string>(['PUBLIC'])
    const open = [name]
    for (let role = open.pop(); role !== undefined; role = open.pop()) {
      if (found.has(role)) continue
      found.add(role)
      open.push(...(this.roles.get(role)?.inherits ?? []))
    }
    return found
  }

  /** Whether a role has one of these privileges on an object, or owns it. */
  may(role: string, kind: ObjectKind, path: string[], owner: string, ...privileges: string[]): boolean {
    const roles = this.effective(role)
    if (roles.has(ADMIN) || roles.has(owner)) return true
    return [...roles].some((name) => {
      const grants = this.roles.get(name)?.grants
      return privileges.some((privilege) => grants?.has(grantKey(privilege, kind, path)))
    })
  }

  /** Whether a role sees an object at all. */
  sees(role: string, kind: ObjectKind, path: string[], owner: string): boolean {
    const roles = this.effective(role)
    if (roles.has(ADMIN) || roles.has(owner)) return true
    const end = ` ${JSON.stringify([kind, ...path])}`
    return [...roles].some((name) => [...(this.roles.get(name)?.grants ?? [])].some((grant) => grant.endsWith(end)))
  }

  /** Removes all grants on a dropped object. */
  forgetGrants(kind: ObjectKind, path: string[]): void {
    const end = ` ${JSON.stringify([kind, ...path])}`
    for (const { grants } of this.roles.values())
      for (const grant of grants) if (grant.endsWith(end)) grants.delete(grant)
  }

  database(name: string): Database | undefined {
    return this.databases.get(name)
  }

  schema(database: string, name: string): HeldSchema | undefined {
    return this.databases.get(database)?.schemas.get(name)
  }

  table([database = '', schema = '', name = '']: string[]): HeldTable | undefined {
    return this.schema(database, schema)?.tables.get(name)
  }
}

export function grantKey(privilege: string, kind: ObjectKind, path: string[]): string {
  return `${privilege} ${JSON.stringify([kind, ...path])}`
}

export function readGrant(key: string): { privilege: string; kind: string; path: string[] } {
  const end = key.indexOf(' [')
  const [kind = '', ...path] = JSON.parse(key.slice(end + 1)) as string[]
  return { privilege: key.slice(0, end), kind, path }
}
