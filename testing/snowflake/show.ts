import { ADMIN, readGrant } from './account.ts'
import { missing, notKnown } from './failure.ts'
import { shown } from './names.ts'
import { type Answer, textColumn } from './results.ts'
import type { Cursor } from './tokens.ts'
import type { Work } from './work.ts'

/** SHOW, as far as the door asks; none needs a warehouse. */
export async function show(work: Work, cursor: Cursor): Promise<Answer> {
  if (cursor.takes('WAREHOUSES')) return showWarehouses(work, cursor)
  if (cursor.takes('GRANTS', 'TO', 'ROLE')) return showGrants(work, cursor)
  throw notKnown(`SHOW ${cursor.peek()?.text}`)
}

function showWarehouses({ session }: Work, cursor: Cursor): Answer {
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

/** A pattern of LIKE, which SHOW takes without regard to case. */
function likePattern(text: string): RegExp {
  const pattern = text.replaceAll(/\\([\s\S])|[%_]|[.*+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    if (found === '%') return '[\\s\\S]*'
    return found === '_' ? '[\\s\\S]' : `\\${found}`
  })
  return new RegExp(`^${pattern}$`, 'i')
}

function showGrants({ session }: Work, cursor: Cursor): Answer {
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
  if (!role || !(effective.has(name) || effective.has(ADMIN))) throw missing('Role', shown([name]))
  const rows = [...role.grants].map((grant) => {
    const { privilege, kind, path } = readGrant(grant)
    return ['2026-01-01 00:00:00.000 +0000', privilege, kind, shown(path), 'ROLE', name, 'false', 'ACCOUNTADMIN']
  })
  return { columns: names.map(textColumn), rows }
}
