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
  // Locators that a company chose.
  ['acmecorp.us-east-1', 'ACMECORP.US-EAST-1', 'acmecorp.us-east-1.snowflakecomputing.com'],
  ['acmecorp.eu-central-1.aws', 'ACMECORP.EU-CENTRAL-1.AWS', 'acmecorp.eu-central-1.aws.snowflakecomputing.com'],
  ['acme_prod.eu-west-1', 'ACME_PROD.EU-WEST-1', 'acme-prod.eu-west-1.snowflakecomputing.com'],
  // Regions of the US government.
  [
    'ab12345.fhplus.us-gov-west-1.aws',
    'AB12345.FHPLUS.US-GOV-WEST-1.AWS',
    'ab12345.fhplus.us-gov-west-1.aws.snowflakecomputing.com',
  ],
  [
    'https://app.snowflake.com/fhplus.us-gov-west-1.aws/ab12345/',
    'AB12345.FHPLUS.US-GOV-WEST-1.AWS',
    'ab12345.fhplus.us-gov-west-1.aws.snowflakecomputing.com',
  ],
  ['ORG-ACCT.us-east-1.aws', 'ORG-ACCT', 'org-acct.snowflakecomputing.com'],
  // What copying adds.
  ['myorg-myaccount.', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['https://myorg-myaccount.snowflakecomputing.com./', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['\u200Bmyorg\u200B-myaccount\uFEFF', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['\u00A0myorg-myaccount\u00A0', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['myorg\u2011myaccount', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['myorg\u2013myaccount', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['\u201Cmyorg-myaccount\u201D,', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  ['`myorg-myaccount`;', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  // Addresses.
  [
    'jdbc:snowflake://myorg-myaccount.snowflakecomputing.com/?db=X&warehouse=Y',
    'MYORG-MYACCOUNT',
    'myorg-myaccount.snowflakecomputing.com',
  ],
  [
    'jdbc:snowflake://xy12345.us-east-1.snowflakecomputing.com:443',
    'XY12345.US-EAST-1',
    'xy12345.us-east-1.snowflakecomputing.com',
  ],
  ['snowflake://me:secret@myorg-myaccount/db/raw', 'MYORG-MYACCOUNT', 'myorg-myaccount.snowflakecomputing.com'],
  [
    'https://xy12345.eu-central-1.snowflakecomputing.com/console#/internal/worksheet',
    'XY12345.EU-CENTRAL-1',
    'xy12345.eu-central-1.snowflakecomputing.com',
  ],
  [
    'https://xy12345.eu-central-1.snowflakecomputing.com/console/login?fromURI=x#/',
    'XY12345.EU-CENTRAL-1',
    'xy12345.eu-central-1.snowflakecomputing.com',
  ],
  [
    'https://app.snowflake.com/myorg/my_account/w2abc#query',
    'MYORG-MY_ACCOUNT',
    'myorg-my-account.snowflakecomputing.com',
  ],
  // Private links.
  [
    'myorg-acct.privatelink.snowflakecomputing.com',
    'MYORG-ACCT.PRIVATELINK',
    'myorg-acct.privatelink.snowflakecomputing.com',
  ],
  [
    'https://xy12345.us-east-1.privatelink.snowflakecomputing.com/',
    'XY12345.US-EAST-1.PRIVATELINK',
    'xy12345.us-east-1.privatelink.snowflakecomputing.com',
  ],
  // China.
  ['https://app.snowflake.cn/myorg/acct/', 'MYORG-ACCT.SNOWFLAKECOMPUTING.CN', 'myorg-acct.snowflakecomputing.cn'],
  [
    'https://app.snowflake.cn/cn-northwest-1.aws/xy12345/',
    'XY12345.CN-NORTHWEST-1.AWS',
    'xy12345.cn-northwest-1.aws.snowflakecomputing.cn',
  ],
  [
    'xy12345.cn-northwest-1.aws.snowflakecomputing.cn',
    'XY12345.CN-NORTHWEST-1.AWS',
    'xy12345.cn-northwest-1.aws.snowflakecomputing.cn',
  ],
  // Whatever we don't know, as typed.
  ['acmecorp.snowflakecomputing.com', 'ACMECORP.SNOWFLAKECOMPUTING.COM', 'acmecorp.snowflakecomputing.com'],
  [
    'xy12345.mars-1.oracle.snowflakecomputing.com',
    'XY12345.MARS-1.ORACLE.SNOWFLAKECOMPUTING.COM',
    'xy12345.mars-1.oracle.snowflakecomputing.com',
  ],
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
  expect(bareAccount('XY12345.EU-WEST-1.PRIVATELINK')).toBe('XY12345.EU-WEST-1')
  expect(bareAccount('ACMECORP.SNOWFLAKECOMPUTING.COM')).toBe('ACMECORP')
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
  'https://app.snowflake.com/',
  'https://app.snowflake.com/../etc',
  '.snowflakecomputing.com',
  'ä-b',
])('%j is refused with a sentence', (typed) => {
  expect(normalizeAccount(typed)).toMatchObject({ ok: false, problem: expect.stringMatching(/\.$/) })
})

test.for([
  ['my org-account', "can't contain spaces"],
  ['user@myorg-acct', 'can\'t contain "@"'],
  ['myorg-acct/path', 'can\'t contain "/"'],
  ['localhost:8080', "isn't the address"],
  ['my\u0430org-account', 'can\'t contain "\u0430" (U+0430)'],
  ['my\u0007org-account', "can't contain the invisible character U+0007"],
] as const)('explains the problem with %j', ([typed, problem]) => {
  expect(normalizeAccount(typed)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
})

test.for(['myaccount', 'xy12345.us-east-2.oracle', 'xy12345.us-east-2.aws.more'])(
  'offers to use the unrecognized account %s as typed',
  (typed) => {
    const refused = normalizeAccount(typed)
    const asTyped = refused.ok ? '' : (refused.asTyped ?? '')
    expect(normalizeAccount(asTyped)).toMatchObject({ ok: true, host: `${typed}.snowflakecomputing.com` })
  },
)

test('a password in an address is never shown', () => {
  expect(JSON.stringify(normalizeAccount('snowflake://me:s3cret@ex ample'))).not.toContain('s3cret')
  expect(JSON.stringify(normalizeAccount('https://me:s3cret@myorg-acct.snowflakecomputing.com'))).not.toContain(
    's3cret',
  )
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
