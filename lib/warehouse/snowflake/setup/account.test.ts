import { expect, test } from 'vitest'
import { bareAccount, normalizeAccount } from './account.ts'

test.for<[string, string, string]>([
  ['myorg-myaccount', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['  MyOrg-My_Account ', 'MYORG-MY_ACCOUNT', 'myorg-my-account.snowflakecomputing.com'],
  ['"myorg-myaccount"', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['MYORG.MY_ACCOUNT', 'MYORG-MY_ACCOUNT', 'myorg-my-account.snowflakecomputing.com'],
  ['MYORG.AB12345', 'MYORG-AB12345', 'myorg-ab12345.snowflakecomputing.com'],
  [
    'https://app.snowflake.com/myorg/myaccount/#/worksheets',
    'MYORG-MYACCOUNT',
    'myorg-myaccount.snowflakecomputing.com',
  ],
  ['app.snowflake.com/MYORG/MY_ACCOUNT', 'MYORG-MY_ACCOUNT', 'myorg-my-account.snowflakecomputing.com'],
  ['https://app.snowflake.com/eu-west-1/xy12345/w1', 'XY12345.EU-WEST-1', 'xy12345.eu-west-1.snowflakecomputing.com'],
  [
    'https://app.snowflake.com/west-europe.azure/xy12345/',
    'XY12345.WEST-EUROPE.AZURE',
    'xy12345.west-europe.azure.snowflakecomputing.com',
  ],
  [
    'https://myorg-myaccount.snowflakecomputing.com/console',
    'MYORG-MYACCOUNT',
    'myorg-myaccount.snowflakecomputing.com',
  ],
  ['myorg-myaccount.snowflakecomputing.com:443', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['xy12345.eu-central-1', 'XY12345.EU-CENTRAL-1', 'xy12345.eu-central-1.snowflakecomputing.com'],
  ['xy12345.us-east-2.aws', 'XY12345.US-EAST-2.AWS', 'xy12345.us-east-2.aws.snowflakecomputing.com'],
  ['xy12345.europe-west4.gcp', 'XY12345.EUROPE-WEST4.GCP', 'xy12345.europe-west4.gcp.snowflakecomputing.com'],
  ['xy12345.cn-northwest-1.aws', 'XY12345.CN-NORTHWEST-1.AWS', 'xy12345.cn-northwest-1.aws.snowflakecomputing.cn'],
  ['xy12345', 'XY12345', 'xy12345.snowflakecomputing.com'],
  ['myorg-acct.snowflakecomputing.cn', 'MYORG-ACCT.SNOWFLAKECOMPUTING.CN', 'myorg-acct.snowflakecomputing.cn'],
])('%s is %s', ([typed, account, host]) => {
  expect(normalizeAccount(typed)).toMatchObject({ ok: true, account, host })
  // A saved account means the same when it is read again.
  expect(normalizeAccount(account)).toMatchObject({ ok: true, account, host })
})

test('a locator alone says which region it means', () => {
  expect(normalizeAccount('xy12345')).toMatchObject({ ok: true, note: expect.stringContaining('US West') })
  expect(normalizeAccount('xy12345.eu-west-1')).not.toHaveProperty('note')
})

test('the sign-in gets the account without the suffix of its address', () => {
  expect(bareAccount('MYORG-ACCT.SNOWFLAKECOMPUTING.CN')).toBe('MYORG-ACCT')
  expect(bareAccount('XY12345.EU-WEST-1.AWS')).toBe('XY12345.EU-WEST-1.AWS')
})

test.for([
  '',
  '   ',
  'myaccount',
  'my org-account',
  'user@myorg-acct',
  'myorg-acct/path',
  'https://example.org',
  'https://127.0.0.1:8080',
  'localhost:8080',
  'http://169.254.169.254/latest',
  'https://myorg-acct.snowflakecomputing.com.example.org',
  'https://snowflakecomputing.com.example.org/myorg-acct.snowflakecomputing.com',
  'myorg-acct.snowflakecomputing.com@example.org',
  'myorg-acct#.snowflakecomputing.com',
  'xy12345.us-east-2.oracle',
  'xy12345.us-east-2.aws.more',
  'myorg-acct.privatelink.snowflakecomputing.com',
  'https://app.snowflake.com/',
  'https://app.snowflake.com/../etc',
  '.snowflakecomputing.com',
  'ä-b',
])('%j is refused with a sentence', (typed) => {
  expect(normalizeAccount(typed)).toEqual({ ok: false, problem: expect.stringMatching(/\.$/) })
})

test('any input leads only to hosts of Snowflake', () => {
  const pieces = [
    'myorg',
    '-',
    '.',
    '/',
    '@',
    ':',
    '//',
    'snowflakecomputing.com',
    'example.org',
    '#',
    '\\',
    '%2e',
    ' ',
  ]
  for (const a of pieces)
    for (const b of pieces)
      for (const c of pieces)
        for (const d of pieces) {
          const found = normalizeAccount(`x1${a}${b}${c}${d}`)
          if (found.ok)
            expect(new URL(`https://${found.host}`).host).toMatch(/^[a-z0-9.-]+\.snowflakecomputing\.(com|cn)$/)
        }
})
