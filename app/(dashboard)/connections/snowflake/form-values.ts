import type { SnowflakeMethod } from '#lib/api/lists.ts'
import type { SnowflakeForm, SnowflakeResponse } from '#lib/api/warehouse.ts'
import { normaliseAccount } from '#lib/warehouse/snowflake/account.ts'
import { identifierOf, identifierText } from '#lib/warehouse/snowflake/identifier.ts'
import type { ScriptNames } from '#lib/warehouse/snowflake/script.ts'

/** What stands in the form. Empty texts are left out when it is sent. */
export type FormValues = Record<Exclude<keyof SnowflakeForm, 'method'>, string> & { method: SnowflakeMethod }

export type FormProblems = Partial<Record<keyof SnowflakeForm, string>>

/** Secrets that a method needs; the passphrase of a key is optional. */
const NEEDED: Record<SnowflakeMethod, { field: 'privateKey' | 'token' | 'password'; problem: string } | null> = {
  'key pair': null,
  'pasted key': { field: 'privateKey', problem: 'Paste the whole key, from its BEGIN to its END line.' },
  token: { field: 'token', problem: 'Paste the token; Snowflake shows it once, when it is made.' },
  password: { field: 'password', problem: 'Enter the password.' },
}

const NAMES = ['user', 'role', 'warehouse', 'database', 'schema'] as const

/** The saved fields as they have to be typed, or what Tracklake proposes; secrets never come back. */
export function valuesOf({ fields }: Pick<SnowflakeResponse, 'fields'>): FormValues {
  const { account, method, user, role, warehouse, database, schema, tokenEndsOn } = fields
  return {
    account,
    method,
    user: identifierText(user),
    role: identifierText(role),
    warehouse: identifierText(warehouse),
    database: identifierText(database),
    schema: identifierText(schema),
    tokenEndsOn: tokenEndsOn ?? '',
    ...NO_SECRETS,
  }
}

export const NO_SECRETS = { privateKey: '', passphrase: '', token: '', password: '' }

/** Whether the method has a secret that need not be typed again. */
export function hasSaved({ fields, secret }: Pick<SnowflakeResponse, 'fields' | 'secret'>, method: SnowflakeMethod) {
  return secret !== null && fields.method === method
}

/**
 * What is wrong with single fields, in plain words.
 *
 * @param keepsSecret the saved secret is used again
 * @param today YYYY-MM-DD
 */
export function problemsOf(values: FormValues, keepsSecret: boolean, today: string): FormProblems {
  const problems: FormProblems = {}
  const account = normaliseAccount(values.account)
  if (!account.ok) problems.account = account.problem
  for (const name of NAMES) {
    const identifier = identifierOf(values[name])
    if (!identifier.ok) problems[name] = identifier.problem
  }
  const needed = NEEDED[values.method]
  if (needed && !keepsSecret && values[needed.field].trim() === '') problems[needed.field] = needed.problem
  if (values.method === 'token') {
    if (!values.tokenEndsOn) problems.tokenEndsOn = 'Enter the day on which it ends; Tracklake reminds you in time.'
    else if (values.tokenEndsOn < today) problems.tokenEndsOn = 'This day is over: make a new token.'
  }
  return problems
}

/** As the addresses take it: of the secrets only those of the method, and only when they were typed. */
export function formOf(values: FormValues): SnowflakeForm {
  const { account, user, method, role, warehouse, database, schema, tokenEndsOn } = values
  return {
    account: account.trim(),
    user: user.trim(),
    method,
    role: role.trim(),
    warehouse: warehouse.trim(),
    database: database.trim(),
    schema: schema.trim(),
    tokenEndsOn: method === 'token' && tokenEndsOn ? tokenEndsOn : null,
    ...secretsOf(values),
  }
}

function secretsOf({ method, privateKey, passphrase, token, password }: FormValues) {
  if (method === 'pasted key') return { ...(privateKey && { privateKey }), ...(passphrase && { passphrase }) }
  if (method === 'token') return token ? { token: token.trim() } : {}
  if (method === 'password') return password ? { password } : {}
  return {}
}

/** The names for the scripts, as Snowflake will hold them; for a name that cannot be one the saved or proposed one. */
export function scriptNames(typed: ScriptNames, fields: ScriptNames): ScriptNames {
  const nameOf = (field: keyof ScriptNames) => {
    const identifier = identifierOf(typed[field])
    return identifier.ok ? identifier.name : fields[field]
  }
  return {
    user: nameOf('user'),
    role: nameOf('role'),
    warehouse: nameOf('warehouse'),
    database: nameOf('database'),
    schema: nameOf('schema'),
  }
}
