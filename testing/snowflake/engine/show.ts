import { ADMIN, readGrant } from '#testing/snowflake/account/account.ts'
import { missing, unsupported } from '#testing/snowflake/sql/failure.ts'
import { displayName } from '#testing/snowflake/sql/names.ts'
import type { Cursor } from '#testing/snowflake/sql/tokens.ts'
import type { Execution } from './execution.ts'
import { type ResultSet, textColumn } from './results.ts'

/** The SHOW statements that the product uses; none needs a virtual warehouse. */
export async function show(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  if (cursor.takes('WAREHOUSES')) return showWarehouses(execution, cursor)
  if (cursor.takes('GRANTS', 'TO', 'ROLE')) return showGrants(execution, cursor)
  throw unsupported(`SHOW ${cursor.peek()?.text}`)
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
    return ['2026-01-01 00:00:00.000 +0000', privilege, kind, displayName(path), 'ROLE', name, 'false', 'ACCOUNTADMIN']
  })
  return { columns: names.map(textColumn), rows }
}
