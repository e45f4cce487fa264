import type { SnowflakeFields, SnowflakeForm } from '#lib/api/warehouse.ts'
import { DAY, now, utcDay } from '#lib/core/clock.ts'
import type { WarehouseConnection } from '#lib/db.ts'
import { normaliseAccount } from '#lib/warehouse/snowflake/account.ts'
import type { SnowflakeCredential } from '#lib/warehouse/snowflake/connection.ts'
import { identifierOf } from '#lib/warehouse/snowflake/identifier.ts'
import { readPrivateKey } from '#lib/warehouse/snowflake/keys.ts'
import { listenerKeys, openKey } from './keys.ts'
import { credentialOf, savedFields } from './saved.ts'

type Problems = Partial<Record<keyof SnowflakeForm, string>>

/** What a form says, normalised; or what is wrong with single fields. */
export type CheckedForm =
  | { problems: Problems; fields: null; credential: null }
  | { problems: null; fields: SnowflakeFields; credential: SnowflakeCredential }

/** Snowflake lets no token live longer. */
const LONGEST_TOKEN_DAYS = 365
const NAMES = ['user', 'role', 'warehouse', 'database', 'schema'] as const

/** Looks at the fields before anything is asked. @param saved the connection whose secret is used where none is given */
export async function checkForm(
  userId: string,
  form: SnowflakeForm,
  saved: WarehouseConnection | null,
): Promise<CheckedForm> {
  const problems: Problems = {}
  const account = normaliseAccount(form.account)
  if (!account.ok) problems.account = account.problem
  const names: Partial<Record<(typeof NAMES)[number], string>> = {}
  for (const name of NAMES) {
    const identifier = identifierOf(form[name])
    if (identifier.ok) names[name] = identifier.name
    else problems[name] = identifier.problem
  }
  const tokenEndsOn = form.method === 'token' ? form.tokenEndsOn : null
  if (form.method === 'token') {
    const problem = problemOfEnd(tokenEndsOn)
    if (problem) problems.tokenEndsOn = problem
  }
  const { user = '', role = '', warehouse = '', database = '', schema = '' } = names
  const fields = {
    account: account.ok ? account.account : '',
    user,
    method: form.method,
    role,
    warehouse,
    database,
    schema,
    tokenEndsOn,
  }
  const credential = await credentialFrom(userId, form, { fields, saved, problems })
  return credential && Object.keys(problems).length === 0
    ? { problems: null, fields, credential }
    : { problems, fields: null, credential: null }
}

function problemOfEnd(day: string | null): string | null {
  const ends = day && /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN
  if (Number.isNaN(ends)) return 'Enter the day on which the token ends; Snowflake shows it beside the token.'
  if (day && day < utcDay(now())) return 'This token has ended. Make a new one in Snowflake.'
  if (ends > now().getTime() + (LONGEST_TOKEN_DAYS + 1) * DAY)
    return `Snowflake's tokens end after ${LONGEST_TOKEN_DAYS} days at the latest.`
  return null
}

interface Context {
  fields: SnowflakeFields
  saved: WarehouseConnection | null
  problems: Problems
}

/** The credential that was given, or the saved one; a problem of its field when there is none. */
async function credentialFrom(
  userId: string,
  form: SnowflakeForm,
  context: Context,
): Promise<SnowflakeCredential | null> {
  const { problems } = context
  if (form.method === 'key pair') return { method: 'key pair', privateKey: openKey((await listenerKeys(userId)).key) }
  if (form.method === 'pasted key' && form.privateKey) {
    const key = readPrivateKey(form.privateKey, form.passphrase || undefined)
    if (key.ok) return { method: 'key pair', privateKey: key.privateKey, ...passphraseOf(form) }
    problems[key.field] = key.problem
    return null
  }
  if (form.method === 'token' && form.token) return { method: 'token', token: form.token.trim() }
  if (form.method === 'password' && form.password) return { method: 'password', password: form.password }
  return savedCredential(form, context)
}

function passphraseOf({ passphrase }: SnowflakeForm): { passphrase?: string } {
  return passphrase ? { passphrase } : {}
}

const SECRET_FIELDS = {
  'pasted key': { field: 'privateKey', word: 'private key' },
  token: { field: 'token', word: 'token' },
  password: { field: 'password', word: 'password' },
} as const

/** What is saved is sent only where it was saved for: to the same user of the same account. */
async function savedCredential(
  { method }: SnowflakeForm,
  { fields, saved, problems }: Context,
): Promise<SnowflakeCredential | null> {
  if (method === 'key pair') return null
  const { field, word } = SECRET_FIELDS[method]
  const before = saved && savedFields(saved)
  if (!saved || before?.method !== method) {
    problems[field] = `Enter the ${word}.`
    return null
  }
  if (before.account !== fields.account || before.user !== fields.user) {
    problems[field] = `Enter the ${word} again: account or user changed.`
    return null
  }
  return credentialOf(saved)
}
