import { expect, test } from 'vitest'
import { snowflakeRules } from '#lib/api/warehouse.ts'
import { type FormValues, formOf, hasSaved, NO_SECRETS, scriptNames, valuesOf } from './form-values.ts'

const TODAY = '2026-11-24'

const FIELDS = {
  account: 'MYORG-MY_ACCOUNT',
  user: 'TRACKLAKE',
  method: 'key pair',
  role: 'TRACKLAKE_ROLE',
  warehouse: 'TRACKLAKE_WH',
  database: 'TRACKLAKE',
  schema: 'RAW',
  tokenEndsOn: null,
} as const

function problemsOf(values: FormValues, keepsSecret: boolean, today: string): Record<string, string> {
  const parsed = snowflakeRules({ keepsSecret, today }).safeParse(values)
  return Object.fromEntries(parsed.error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [])
}

const values = (more: Partial<FormValues> = {}): FormValues => ({ ...valuesOf({ fields: FIELDS }), ...more })

test('accepts a complete form', () => {
  expect(problemsOf(values(), false, TODAY)).toEqual({})
})

test('reports every invalid field', () => {
  const bad = values({
    account: '',
    user: '',
    method: 'password',
    role: 'my role',
    warehouse: '1wh',
    database: '"',
    schema: 'a-b',
  })
  expect(Object.keys(problemsOf(bad, false, TODAY)).sort()).toEqual([
    'account',
    'database',
    'password',
    'role',
    'schema',
    'user',
    'warehouse',
  ])
})

test.for([
  ['pasted key', 'privateKey'],
  ['token', 'token'],
  ['password', 'password'],
] as const)('%s needs its secret unless the saved one is kept', ([method, field]) => {
  const typed = values({ method, tokenEndsOn: TODAY })
  expect(problemsOf(typed, false, TODAY)).toHaveProperty(field)
  expect(problemsOf(typed, true, TODAY)).toEqual({})
  expect(problemsOf({ ...typed, [field]: 'secret' }, false, TODAY)).toEqual({})
})

test('a token needs an expiry date that is not in the past', () => {
  const token = (tokenEndsOn: string) => problemsOf(values({ method: 'token', token: 't', tokenEndsOn }), false, TODAY)
  expect(token('')).toHaveProperty('tokenEndsOn')
  expect(token('2026-11-23')).toHaveProperty('tokenEndsOn')
  expect(token('2026-11-24')).toEqual({})
})

test('sends only secrets of the chosen method that were typed', () => {
  const all = { privateKey: 'PEM', passphrase: 'open', token: ' t ', password: 'p', tokenEndsOn: '2027-01-01' }
  const plain = { ...FIELDS }
  expect(formOf(values(all))).toEqual(plain)
  expect(formOf(values({ ...all, method: 'pasted key' }))).toEqual({
    ...plain,
    method: 'pasted key',
    privateKey: 'PEM',
    passphrase: 'open',
  })
  expect(formOf(values({ ...all, method: 'token' }))).toEqual({
    ...plain,
    method: 'token',
    token: 't',
    tokenEndsOn: '2027-01-01',
  })
  expect(formOf(values({ ...all, method: 'password' }))).toEqual({ ...plain, method: 'password', password: 'p' })
  expect(formOf(values({ ...NO_SECRETS, method: 'token' }))).toEqual({ ...plain, method: 'token' })
})

test('shows a saved name that needs quotes with quotes, and reads it back unchanged', () => {
  const fields = { ...FIELDS, database: 'my "own" data' }
  expect(valuesOf({ fields }).database).toBe('"my ""own"" data"')
  expect(scriptNames(valuesOf({ fields }), fields).database).toBe('my "own" data')
})

test('scripts use typed names, and fall back to known ones while a name is invalid', () => {
  const names = scriptNames(values({ role: 'loader', database: 'no name' }), FIELDS)
  expect(names).toEqual({
    user: 'TRACKLAKE',
    role: 'LOADER',
    warehouse: 'TRACKLAKE_WH',
    database: 'TRACKLAKE',
    schema: 'RAW',
  })
})

test('a saved secret only counts for its own method', () => {
  const secret = { savedAt: '2026-05-03T10:00:00Z', fingerprint: null }
  const fields = { ...FIELDS, method: 'token' as const }
  expect(hasSaved({ fields, secret }, 'token')).toBe(true)
  expect(hasSaved({ fields, secret }, 'password')).toBe(false)
  expect(hasSaved({ fields, secret: null }, 'token')).toBe(false)
})
