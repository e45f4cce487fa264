import { type SnowflakeFields, type SnowflakeForm, snowflakeRules } from '#lib/api/warehouse.ts'
import { now, utcDay } from '#lib/core/clock.ts'
import type { WarehouseConnection } from '#lib/db.ts'
import type { SnowflakeCredential } from '#lib/warehouse/snowflake/connection.ts'
import { readPrivateKey } from '#lib/warehouse/snowflake/setup/keys.ts'
import { listenerKeys, openKey } from './keys.ts'
import { credentialOf, savedFields } from './saved.ts'

type Problems = Partial<Record<keyof SnowflakeForm, string>>

/** The normalized values of a form, or the problems of its fields. */
export type CheckedForm =
  | { problems: Problems; fields: null; credential: null }
  | { problems: null; fields: SnowflakeFields; credential: SnowflakeCredential }

/** Validates a form without contacting Snowflake. @param saved the connection whose secret is used if none is entered */
export async function checkForm(
  userId: string,
  form: SnowflakeForm,
  saved: WarehouseConnection | null,
): Promise<CheckedForm> {
  const keepsSecret = saved !== null && savedFields(saved)?.method === form.method
  const parsed = snowflakeRules({ keepsSecret, today: utcDay(now()) }).safeParse(form)
  const failed = (problems: Problems): CheckedForm => ({ problems, fields: null, credential: null })
  if (!parsed.success)
    return failed(Object.fromEntries(parsed.error.issues.map(({ path: [field], message }) => [field, message])))
  const { privateKey, passphrase, token, password, ...fields } = parsed.data
  if (form.method !== 'token') fields.tokenEndsOn = null
  const credential = await credentialFrom(userId, form, { fields, saved })
  return 'problems' in credential ? failed(credential.problems) : { problems: null, fields, credential }
}

interface Context {
  fields: SnowflakeFields
  saved: WarehouseConnection | null
}

/** The credential that was entered, or the saved one; the problem of a field if there is neither. */
async function credentialFrom(
  userId: string,
  form: SnowflakeForm,
  context: Context,
): Promise<SnowflakeCredential | { problems: Problems }> {
  if (form.method === 'key pair') return { method: 'key pair', privateKey: openKey((await listenerKeys(userId)).key) }
  if (form.method === 'pasted key' && form.privateKey) {
    const key = readPrivateKey(form.privateKey, form.passphrase || undefined)
    return key.ok
      ? { method: 'key pair', privateKey: key.privateKey, passphrase: form.passphrase || undefined }
      : { problems: { [key.field]: key.problem } }
  }
  if (form.method === 'token' && form.token) return { method: 'token', token: form.token.trim() }
  if (form.method === 'password' && form.password) return { method: 'password', password: form.password }
  return savedCredential(form.method, context)
}

const SECRETS = {
  'pasted key': { field: 'privateKey', label: 'private key' },
  token: { field: 'token', label: 'token' },
  password: { field: 'password', label: 'password' },
} as const

/** The saved credential, which may only be sent for the user and account it was saved for. */
async function savedCredential(
  method: keyof typeof SECRETS,
  { fields, saved }: Context,
): Promise<SnowflakeCredential | { problems: Problems }> {
  const before = saved && savedFields(saved)
  if (saved && before?.account === fields.account && before.user === fields.user) return credentialOf(saved)
  const { field, label } = SECRETS[method]
  return { problems: { [field]: `Enter the ${label} again, because the account or user changed.` } }
}
