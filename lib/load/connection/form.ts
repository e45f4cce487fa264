import type { SnowflakeFields, SnowflakeForm } from '#lib/api/answers.ts'
import { DAY, now, utcDay } from '#lib/core/clock.ts'
import type { WarehouseConnection } from '#lib/db.ts'
import type { SnowflakeCredential } from '#lib/warehouse/snowflake/connection.ts'
import { normalizeAccount } from '#lib/warehouse/snowflake/setup/account.ts'
import { identifierOf } from '#lib/warehouse/snowflake/setup/identifier.ts'
import { readPrivateKey } from '#lib/warehouse/snowflake/setup/keys.ts'
import { listenerKeys, openKey } from './keys.ts'
import { credentialOf, savedFields } from './saved.ts'

type Problems = Partial<Record<keyof SnowflakeForm, string>>

/** The normalized values of a form, or the problems of its fields. */
export type CheckedForm =
  | { problems: Problems; fields: null; credential: null }
  | { problems: null; fields: SnowflakeFields; credential: SnowflakeCredential }

/** Snowflake's limit. */
const MAX_TOKEN_DAYS = 365
const NAMES = ['user', 'role', 'warehouse', 'database', 'schema'] as const

/** Validates a form without contacting Snowflake. @param saved the connection whose secret is used if none is entered */
export async function checkForm(
  userId: string,
  form: SnowflakeForm,
  saved: WarehouseConnection | null,
): Promise<CheckedForm> {
  const problems: Problems = {}
  const account = normalizeAccount(form.account)
  if (!account.ok) problems.account = account.problem
  const names: Partial<Record<(typeof NAMES)[number], string>> = {}
  for (const name of NAMES) {
    const identifier = identifierOf(form[name])
    if (identifier.ok) names[name] = identifier.name
    else problems[name] = identifier.problem
  }
  const tokenEndsOn = form.method === 'token' ? form.tokenEndsOn : null
  if (form.method === 'token') {
    const problem = tokenEndProblem(tokenEndsOn)
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

function tokenEndProblem(day: string | null): string | null {
  const ends = day && /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN
  if (Number.isNaN(ends)) return 'Enter the day the token expires. Snowflake shows it next to the token.'
  if (day && day < utcDay(now())) return 'This date is in the past. Create a new token.'
  if (ends > now().getTime() + (MAX_TOKEN_DAYS + 1) * DAY)
    return `Snowflake tokens expire after ${MAX_TOKEN_DAYS} days at most.`
  return null
}

interface Context {
  fields: SnowflakeFields
  saved: WarehouseConnection | null
  problems: Problems
}

/** The credential that was entered, or the saved one. Adds a problem if there is neither. */
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
  'pasted key': { field: 'privateKey', label: 'private key' },
  token: { field: 'token', label: 'token' },
  password: { field: 'password', label: 'password' },
} as const

/** The saved credential, which may only be sent for the user and account it was saved for. */
async function savedCredential(
  { method }: SnowflakeForm,
  { fields, saved, problems }: Context,
): Promise<SnowflakeCredential | null> {
  if (method === 'key pair') return null
  const { field, label } = SECRET_FIELDS[method]
  const before = saved && savedFields(saved)
  if (!saved || before?.method !== method) {
    problems[field] = `Enter the ${label}.`
    return null
  }
  if (before.account !== fields.account || before.user !== fields.user) {
    problems[field] = `Enter the ${label} again, because the account or user changed.`
    return null
  }
  return credentialOf(saved)
}
