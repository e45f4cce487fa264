import { z } from 'zod'
import { DAY } from '#lib/core/durations.ts'
import { normalizeAccount } from '#lib/warehouse/snowflake/setup/account.ts'
import { CADENCES } from '#lib/warehouse/snowflake/setup/cost.ts'
import { identifierOf } from '#lib/warehouse/snowflake/setup/identifier.ts'
import { CHECK_SECONDS } from '#lib/warehouse/snowflake/setup/limits.ts'
import { defineEndpoint } from './endpoint.ts'
import {
  CHECK_STATES,
  KEY_ACTIONS,
  LOAD_METHODS,
  MODELS_STATES,
  RUN_STATES,
  SNOWFLAKE_METHODS,
  SNOWFLAKE_STATES,
  type SnowflakeMethod,
  TABLE_STATES,
} from './lists.ts'
import { Run } from './runs.ts'
import { problem, Time } from './shapes.ts'

/** A listener's own Snowflake. */

const text = (max: number) => z.string().max(max)
// A PEM of 4096 bits has about 3,300 characters.
const MAX_KEY_LENGTH = 16_384

const fields = {
  account: text(500),
  user: text(300),
  method: z.enum(SNOWFLAKE_METHODS),
  role: text(300),
  warehouse: text(300),
  database: text(300),
  schema: text(300),
}
const tokenEndsOn = text(10).nullable().describe('Expiry date of the token, YYYY-MM-DD; null for other methods')

export const SnowflakeFields = z.strictObject({ ...fields, tokenEndsOn }).meta({ id: 'SnowflakeFields' })
export type SnowflakeFields = z.infer<typeof SnowflakeFields>

export const SnowflakeForm = z
  .object({
    ...fields,
    tokenEndsOn: tokenEndsOn.default(null),
    privateKey: text(MAX_KEY_LENGTH).optional(),
    passphrase: text(1_000).optional(),
    token: text(8_000).optional(),
    password: text(1_000).optional(),
  })
  .meta({
    id: 'SnowflakeForm',
    description: 'An omitted secret keeps its saved value, as long as account and user stay the same',
  })
export type SnowflakeForm = z.infer<typeof SnowflakeForm>

/** The secret that each method needs; the passphrase of a key is optional. */
const METHOD_SECRETS = {
  'key pair': null,
  'pasted key': { field: 'privateKey', missing: 'Paste the whole key, from the BEGIN line to the END line.' },
  token: { field: 'token', missing: 'Paste the token. Snowflake shows it only once, when you create it.' },
  password: { field: 'password', missing: 'Enter the password.' },
} as const satisfies Record<SnowflakeMethod, { field: keyof SnowflakeForm; missing: string } | null>

/** Snowflake's maximum. */
const MAX_TOKEN_DAYS = 365

/** Normalizes a field or reports its problem, without stopping the checks of other fields. */
function normalized(read: (text: string) => { ok: true; text: string } | { ok: false; problem: string }) {
  return z.string().check((context) => {
    const result = read(context.value)
    if (result.ok) context.value = result.text
    else context.issues.push({ code: 'custom', input: context.value, message: result.problem, continue: true })
  })
}

const account = normalized((text) => {
  const result = normalizeAccount(text)
  return result.ok ? { ok: true, text: result.account } : result
})
const name = normalized((text) => {
  const result = identifierOf(text)
  return result.ok ? { ok: true, text: result.name } : result
})

/**
 * The rules of the form, for browser and server; names are normalized to Snowflake's form. The API reports violations
 * as `fieldProblems`.
 * @param keepsSecret the saved secret stays in use
 * @param today YYYY-MM-DD
 */
export function snowflakeRules({ keepsSecret, today }: { keepsSecret: boolean; today: string }) {
  return z
    .object({ ...SnowflakeForm.shape, account, user: name, role: name, warehouse: name, database: name, schema: name })
    .superRefine((form, context) => {
      const problem = (path: keyof SnowflakeForm, message: string) =>
        context.addIssue({ code: 'custom', path: [path], message })
      const secret = METHOD_SECRETS[form.method]
      if (secret && !keepsSecret && !form[secret.field]?.trim()) problem(secret.field, secret.missing)
      const ends = form.method === 'token' ? tokenEndProblem(form.tokenEndsOn, today) : null
      if (ends) problem('tokenEndsOn', ends)
    })
}

function tokenEndProblem(day: string | null, today: string): string | null {
  const ends = day && /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN
  if (Number.isNaN(ends)) return 'Enter the date the token expires. Tracklake reminds you in time.'
  if (ends < Date.parse(today)) return 'This date is in the past. Create a new token.'
  if (ends > Date.parse(today) + (MAX_TOKEN_DAYS + 1) * DAY)
    return `Snowflake tokens last at most ${MAX_TOKEN_DAYS} days.`
  return null
}

export const SnowflakeCheck = z
  .strictObject({
    name: z.string(),
    state: z
      .enum(CHECK_STATES)
      .describe(
        'advice: works, but could be better; unconfirmed: the account is too slow or paused right now, but can be saved; not reached: an earlier check failed or did not finish',
      ),
    message: z.string(),
    remedy: z.string().nullable(),
    ms: z.number(),
  })
  .meta({ id: 'SnowflakeCheck' })
export type SnowflakeCheck = z.infer<typeof SnowflakeCheck>

export const SnowflakeCheckResult = z
  .strictObject({
    fieldProblems: z
      .partialRecord(z.keyof(SnowflakeForm), z.string())
      .describe('What is wrong with individual fields; if any, nothing else is checked'),
    checks: z.array(SnowflakeCheck),
    saved: z.boolean(),
  })
  .meta({ id: 'SnowflakeCheckResult' })
export type SnowflakeCheckResult = z.infer<typeof SnowflakeCheckResult>

export const SnowflakeCheckProgress = z
  .strictObject({
    running: z.boolean(),
    checks: z.array(SnowflakeCheck).describe('The results so far; empty if no check is running'),
  })
  .meta({ id: 'SnowflakeCheckProgress' })
export type SnowflakeCheckProgress = z.infer<typeof SnowflakeCheckProgress>

export const SnowflakeKey = z
  .strictObject({
    publicKey: z.string().describe('The public key as Base64, without BEGIN and END lines, as in the script'),
    fingerprint: z.string().describe('As shown by DESC USER: SHA256:…'),
    slot: z.union([z.literal(1), z.literal(2)]).describe('1: RSA_PUBLIC_KEY, 2: RSA_PUBLIC_KEY_2'),
    madeAt: Time,
  })
  .meta({
    id: 'SnowflakeKey',
    description: 'A key pair that Tracklake created; the private key never leaves Tracklake',
  })
export type SnowflakeKey = z.infer<typeof SnowflakeKey>

export const SnowflakeLoad = z
  .strictObject({
    id: z.string().describe('The run’s id; see /runs/<id>'),
    state: z.enum(RUN_STATES),
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    reads: z.int(),
    new: z.int(),
    changed: z.int(),
    removed: z.int(),
    statements: z.int(),
    roundTrips: z.int(),
    bytes: z.number(),
    seconds: z.number().describe('How long the warehouse was busy'),
    credits: z.number().describe('Estimate: each start of the warehouse is billed for at least a minute'),
    ...problem,
  })
  .meta({ id: 'SnowflakeLoad' })
export type SnowflakeLoad = z.infer<typeof SnowflakeLoad>

export const SnowflakeTable = z
  .strictObject({
    table: z.string(),
    title: z.string(),
    rows: z.number().nullable(),
    state: z
      .enum(TABLE_STATES)
      .describe(
        'own method: loaded with a different method than the embedded copy; loaded: there is no copy to compare with',
      ),
    waitingReads: z.int(),
  })
  .meta({ id: 'SnowflakeTable' })
export type SnowflakeTable = z.infer<typeof SnowflakeTable>

export const SnowflakeResponse = z
  .strictObject({
    connected: z.boolean(),
    state: z.enum(SNOWFLAKE_STATES).nullable(),
    ...problem,
    waitingUntil: Time.nullable(),
    fields: SnowflakeFields.describe('Saved values, or suggestions before the first save'),
    secret: z
      .strictObject({ savedAt: Time, fingerprint: z.string().nullable() })
      .nullable()
      .describe('The saved secret, without its value'),
    instanceId: z.string().describe('Part of the comment on every object that the scripts create'),
    key: SnowflakeKey.describe('The key in use, or the one to register first'),
    nextKey: SnowflakeKey.nullable().describe('Created by “Rotate key”, but not in use yet'),
    cadence: z.enum(CADENCES),
    nextLoadAt: Time.nullable(),
    secondsPerLoad: z.number().describe('Average seconds per load; an estimate before the first load'),
    addRecordMetadata: z.boolean(),
    methods: z.array(
      z.strictObject({
        stream: z.string(),
        title: z.string(),
        method: z.enum(LOAD_METHODS),
        choices: z.array(z.enum(LOAD_METHODS)),
      }),
    ),
    waitingReads: z.int(),
    models: z
      .strictObject({
        state: z.enum(MODELS_STATES),
        builtOn: z.string().nullable().describe('The day of the last build, YYYY-MM-DD'),
        problem: z.string().nullable(),
        remedy: z.string().nullable().describe('What to do; may be a script for a worksheet'),
      })
      .describe('The models in Snowflake, which are built at the end of a load'),
    tables: z.array(SnowflakeTable),
    comparedAt: Time.nullable(),
    loads: z.array(SnowflakeLoad).describe('Newest first'),
    days: z
      .array(
        z.strictObject({
          day: z.string(),
          loads: z.int(),
          statements: z.int(),
          seconds: z.number(),
          credits: z.number(),
        }),
      )
      .describe('The last 30 days with a load, newest first'),
  })
  .meta({ id: 'SnowflakeResponse' })
export type SnowflakeResponse = z.infer<typeof SnowflakeResponse>

export const SnowflakeSettings = z.object({
  cadence: z.enum(CADENCES).optional(),
  addRecordMetadata: z.boolean().optional(),
  methods: z.record(z.string().max(100), z.enum(LOAD_METHODS)).optional().describe('Load methods by stream'),
})
export type SnowflakeSettings = z.infer<typeof SnowflakeSettings>

export const getWarehouse = defineEndpoint({
  method: 'GET',
  path: '/api/warehouse',
  summary: 'Your Snowflake connection, tables, loads and cost; never a secret',
  access: 'listener',
  limit: 'queries',
  response: SnowflakeResponse,
})

export const testWarehouse = defineEndpoint({
  method: 'POST',
  path: '/api/warehouse/test',
  summary: `Check a connection without saving it; takes up to ${CHECK_SECONDS} s`,
  access: 'listener',
  body: SnowflakeForm,
  limit: 'checks',
  response: SnowflakeCheckResult,
  errors: ['check-under-way'],
})

export const getCheckProgress = defineEndpoint({
  method: 'GET',
  path: '/api/warehouse/test',
  summary: 'Get the results so far of a running check',
  access: 'listener',
  response: SnowflakeCheckProgress,
})

export const saveWarehouse = defineEndpoint({
  method: 'PUT',
  path: '/api/warehouse',
  summary: `Check a connection, for up to ${CHECK_SECONDS} s; if no check fails, save it and start the first load`,
  access: 'listener',
  recentSignIn: true,
  body: SnowflakeForm,
  limit: 'checks',
  response: SnowflakeCheckResult,
  errors: ['check-under-way'],
})

export const disconnectWarehouse = defineEndpoint({
  method: 'DELETE',
  path: '/api/warehouse',
  summary: 'Delete the connection and its keys; the tables in Snowflake stay',
  access: 'listener',
  response: SnowflakeResponse,
  errors: ['not-connected'],
})

export const loadNow = defineEndpoint({
  method: 'POST',
  path: '/api/warehouse/load',
  summary: 'Load now',
  access: 'listener',
  body: z.object({ everything: z.boolean().default(false).describe('Copy all tables again') }),
  limit: 'orders',
  response: Run,
  statuses: [202],
  errors: ['not-connected', 'no-copy'],
})

export const changeKey = defineEndpoint({
  method: 'POST',
  path: '/api/warehouse/key',
  summary: 'Rotate the key pair',
  access: 'listener',
  recentSignIn: true,
  body: z.object({
    deed: z.enum(KEY_ACTIONS).describe('make: create the next key; use: check it and switch to it; drop: delete it'),
  }),
  limit: 'checks',
  response: SnowflakeCheckResult,
  errors: ['not-connected', 'no-key-in-use', 'no-next-key', 'check-under-way'],
})

export const changeWarehouse = defineEndpoint({
  method: 'PUT',
  path: '/api/warehouse/settings',
  summary: 'Change cadence, record metadata or load methods; omitted fields stay as they are',
  access: 'listener',
  body: SnowflakeSettings,
  response: SnowflakeResponse,
  errors: ['not-connected', 'unknown-stream', 'unknown-method'],
})
