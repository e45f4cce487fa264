import type { SnowflakeMethod } from '#lib/api/lists.ts'
import type { SnowflakeForm, SnowflakeResponse } from '#lib/api/warehouse.ts'
import { identifierOf, identifierText } from '#lib/warehouse/snowflake/setup/identifier.ts'
import type { ScriptNames } from '#lib/warehouse/snowflake/setup/script.ts'

/** The values of the form. Empty texts are left out when it is sent. */
export type FormValues = Record<Exclude<keyof SnowflakeForm, 'method'>, string> & { method: SnowflakeMethod }

/** The saved fields as they would be typed, or Tracklake's suggestions. Secrets never come back. */
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

/** True if the method's secret is saved and need not be typed again. */
export function hasSaved({ fields, secret }: Pick<SnowflakeResponse, 'fields' | 'secret'>, method: SnowflakeMethod) {
  return secret !== null && fields.method === method
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
