import { randomBytes } from 'node:crypto'
import { DAY } from '#lib/core/durations.ts'
import { type ResultSet, status, textColumn } from '#testing/snowflake/engine/results.ts'
import { missing, SnowflakeFailure, unsupported } from '#testing/snowflake/sql/failure.ts'
import { displayName } from '#testing/snowflake/sql/names.ts'
import { takeProperties } from '#testing/snowflake/sql/properties.ts'
import type { Cursor } from '#testing/snowflake/sql/tokens.ts'
import type { User } from './account.ts'
import type { ServerContext } from './context.ts'
import { isSessionParameter, SESSION_PARAMETER_NAMES } from './parameters.ts'
import { fingerprintOf } from './sign-in.ts'

const KEYS = ['RSA_PUBLIC_KEY', 'RSA_PUBLIC_KEY_2'] as const
const USER = [
  ...KEYS,
  ...'TYPE PASSWORD DEFAULT_ROLE DEFAULT_WAREHOUSE DEFAULT_NAMESPACE DEFAULT_SECONDARY_ROLES COMMENT'.split(' '),
  ...SESSION_PARAMETER_NAMES,
]

/** CREATE ROLE or USER; the cursor is after its name. */
export function createPrincipal(
  { account }: ServerContext,
  kind: 'ROLE' | 'USER',
  name: string,
  cursor: Cursor,
): ResultSet {
  if (kind === 'ROLE') {
    const properties = takeProperties(cursor, ['COMMENT'])
    account.addRole(name, properties.get('COMMENT') ?? null)
    return status(`Role ${name} successfully created.`)
  }
  const properties = takeProperties(cursor, USER)
  const user: User = {
    name,
    type: properties.get('TYPE') === 'SERVICE' ? 'SERVICE' : 'PERSON',
    keys: {},
    tokens: new Map(),
    roles: new Set(),
    defaults: {},
    parameters: new Map(),
    comment: null,
  }
  if (user.type === 'SERVICE' && properties.has('PASSWORD'))
    throw new SnowflakeFailure('003644', 'Cannot set PASSWORD on a user of TYPE SERVICE.')
  setProperties(user, properties)
  account.users.set(name, user)
  return status(`User ${name} successfully created.`)
}

function setProperties(user: User, properties: Map<string, string>): void {
  for (const slot of KEYS) {
    const key = properties.get(slot)
    if (key === undefined) continue
    if (key.includes('BEGIN') || !/^[A-Za-z0-9+/=\s]+$/.test(key))
      throw new SnowflakeFailure(
        '002606',
        `SQL compilation error:\nNew public key rejected by current policy. Reason: 'Invalid public key'`,
      )
    user.keys[slot] = key
  }
  const password = properties.get('PASSWORD')
  if (password !== undefined) user.password = password
  const role = properties.get('DEFAULT_ROLE')
  if (role !== undefined) user.defaults.role = role
  const comment = properties.get('COMMENT')
  if (comment !== undefined) user.comment = comment
  for (const [name, value] of properties) if (isSessionParameter(name)) user.parameters.set(name, value)
  const warehouse = properties.get('DEFAULT_WAREHOUSE')
  if (warehouse !== undefined) user.defaults.warehouse = warehouse
}

/** ALTER USER name SET …, UNSET … or ADD PROGRAMMATIC ACCESS TOKEN … */
export function alterUser({ account, now }: ServerContext, cursor: Cursor): ResultSet {
  cursor.expect('ALTER', 'USER')
  cursor.takes('IF', 'EXISTS')
  const name = cursor.name()
  const user = account.users.get(name)
  if (!user) throw missing('User', displayName([name]))
  if (cursor.takes('SET')) setProperties(user, takeProperties(cursor, USER))
  else if (cursor.takes('UNSET')) unset(user, cursor)
  else if (cursor.takes('ADD', 'PROGRAMMATIC', 'ACCESS', 'TOKEN')) return addToken(user, cursor, now())
  else throw unsupported(`ALTER USER ${cursor.peek()?.text}`)
  return status('Statement executed successfully.')
}

function unset(user: User, cursor: Cursor): void {
  do {
    const property = cursor.name()
    const slot = KEYS.find((key) => key === property)
    if (slot) delete user.keys[slot]
    else if (property === 'PASSWORD') delete user.password
    else if (isSessionParameter(property)) user.parameters.delete(property)
    else throw unsupported(`UNSET ${property}`)
  } while (cursor.takes(','))
  cursor.end()
}

function addToken(user: User, cursor: Cursor, now: number): ResultSet {
  const name = cursor.name()
  const properties = takeProperties(cursor, ['ROLE_RESTRICTION', 'DAYS_TO_EXPIRY', 'COMMENT'])
  const role = properties.get('ROLE_RESTRICTION')
  if (user.type === 'SERVICE' && role === undefined)
    throw new SnowflakeFailure('394307', 'ROLE_RESTRICTION is required for users of TYPE SERVICE.')
  const secret = randomBytes(32).toString('base64url')
  const expiresAt = now + Number(properties.get('DAYS_TO_EXPIRY') ?? 15) * DAY
  user.tokens.set(secret, { expiresAt, ...(role === undefined ? {} : { role }) })
  return { columns: ['token_name', 'token_secret'].map(textColumn), rows: [[name, secret]] }
}

/** DESC USER name: shows the fingerprint to compare a key with. */
export function describeUser({ account }: ServerContext, cursor: Cursor): ResultSet {
  if (!cursor.takes('DESC')) cursor.expect('DESCRIBE')
  cursor.expect('USER')
  const name = cursor.name()
  cursor.end()
  const user = account.users.get(name)
  if (!user) throw missing('User', displayName([name]))
  const prints = KEYS.map((slot) => [
    `${slot}_FP`,
    user.keys[slot] === undefined ? null : fingerprintOf(user.keys[slot]),
  ])
  return { columns: ['property', 'value'].map(textColumn), rows: [['NAME', name], ['TYPE', user.type], ...prints] }
}
