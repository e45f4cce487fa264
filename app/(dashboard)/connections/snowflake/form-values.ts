import type { SnowflakeAnswer, SnowflakeForm, SnowflakeMethodWord } from '#lib/api/answers.ts'
import { normalizeAccount } from '#lib/warehouse/snowflake/setup/account.ts'
import { identifierOf, identifierText } from '#lib/warehouse/snowflake/setup/identifier.ts'
import type { ScriptNames } from '#lib/warehouse/snowflake/setup/script.ts'

/** The values of the form. Empty texts are left out when it is sent. */
export type FormValues = Record<Exclude<keyof SnowflakeForm, 'method'>, string> & { method: SnowflakeMethodWord }

export type FormProblems = Partial<Record<keyof SnowflakeForm, string>>

/** The secret each method needs. A key's passphrase is optional. */
const NEEDED: Record<SnowflakeMethodWord, { field: 'privateKey' | 'token' | 'password'; problem: string } | null> = {
  'key pair': null,
  'pasted key': { field: 'privateKey', problem: 'Paste the whole key, from the BEGIN line to the END line.' },
  token: { field: 'token', problem: 'Paste the token. Snowflake shows it only once, when you create it.' },
  password: { field: 'password', problem: 'Enter the password.' },
}

const NAMES = ['user', 'role', 'warehouse', 'database', 'schema'] as const

/** The saved fields as they would be typed, or Tracklake's suggestions. Secrets never come back. */
export function valuesOf({ fields }: Pick<SnowflakeAnswer, 'fields'>): FormValues {
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

/** True if the method's secret is saved and need not be typed again. */
export function hasSaved({ fields, secret }: Pick<SnowflakeAnswer, 'fields' | 'secret'>, method: SnowflakeMethodWord) {
  return secret !== null && fields.method === method
}

/**
 * Validates the form; one sentence per invalid field.
 *
 * @param keepsSecret true if the saved secret is kept
 * @param today YYYY-MM-DD
 */
export function problemsOf(values: FormValues, keepsSecret: boolean, today: string): FormProblems {
  const problems: FormProblems = {}
  const account = normalizeAccount(values.account)
  if (!account.ok) problems.account = account.problem
  for (const name of NAMES) {
    const identifier = identifierOf(values[name])
    if (!identifier.ok) problems[name] = identifier.problem
  }
  const needed = NEEDED[values.method]
  if (needed && !keepsSecret && values[needed.field].trim() === '') problems[needed.field] = needed.problem
  if (values.method === 'token') {
    if (!values.tokenEndsOn) problems.tokenEndsOn = 'Enter the date the token expires. Tracklake reminds you in time.'
    else if (values.tokenEndsOn < today) problems.tokenEndsOn = 'This date is in the past. Create a new token.'
  }
  return problems
}

/** The request body. Contains only secrets of the chosen method, and only if they were typed. */
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

/** The names for the scripts as Snowflake stores them. Invalid names fall back to the saved or suggested ones. */
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
