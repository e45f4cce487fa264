import { describe, expect, test } from 'vitest'
import { type Failure, Stop } from '#lib/core/errors.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { NoResponse } from './driver.ts'
import { checkOf, codeOf, endsSession, toFailure } from './failures.ts'

const noon = () => new Date('2026-11-24T12:00:00Z')
const minutes = (failure: Failure) =>
  'until' in failure && failure.until instanceof Date
    ? (failure.until.getTime() - noon().getTime()) / 60_000
    : undefined

/** As the driver throws it: server errors have their code as text, its own errors as a number. */
const of = (code: string | number, message: string, more: Record<string, unknown> = {}) =>
  Object.assign(new Error(message), { code, ...more })
const network = (code: string) => of(401001, 'Network error. Could not reach Snowflake.', { cause: { code } })
const http = (status: number) => of(401002, 'Request to Snowflake failed.', { response: { status, headers: {} } })

test('retries a catalog that is too large to list', () => {
  const error = of(
    '090030',
    'Information schema query returned too much data.  Please repeat query with more predicates.',
  )
  const failure = toFailure(error, noon)
  expect([failure.recovery, minutes(failure), codeOf(failure)]).toEqual(['wait', 5, '090030'])
})

describe('what a person must fix is never retried', () => {
  test.for<[string, Error, string | undefined, 'sign-in' | 'statement']>([
    ['a bad account', of(404045, 'Invalid account.'), 'address', 'sign-in'],
    ['a missing user', of(404003, 'A user name must be specified.'), 'sign-in', 'sign-in'],
    ['a missing password', of(404005, 'A password must be specified.'), 'sign-in', 'sign-in'],
    ['a missing account', of(404007, 'An account must be specified.'), 'address', 'sign-in'],
    ['another certificate', network('ERR_TLS_CERT_ALTNAME_INVALID'), 'address', 'sign-in'],
    ['a proxy that intercepts', network('SELF_SIGNED_CERT_IN_CHAIN'), 'address', 'sign-in'],
    ['an unknown issuer', network('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'), 'address', 'sign-in'],
    ['a proxy that wants a password', http(407), 'address', 'sign-in'],
    ['no such account', http(404), 'address', 'sign-in'],
    ['no such account, another page', http(403), 'address', 'sign-in'],
    ['a wrong secret', of('390100', 'Incorrect username or password was specified.'), 'sign-in', 'sign-in'],
    ['a disabled user', of(REFUSALS.disabled.code, REFUSALS.disabled.message), 'sign-in', 'sign-in'],
    [
      'an old password',
      of('390106', 'Specified password has expired. Password must be changed.'),
      'sign-in',
      'sign-in',
    ],
    [
      'a second factor',
      of('390197', 'Multi-factor authentication is required for this account. Log in to Snowsight to enroll.'),
      'sign-in',
      'sign-in',
    ],
    ['a second factor of Duo', of('390129', 'Duo Security authentication is denied.'), 'sign-in', 'sign-in'],
    ['a second factor for programs', of('394999', REFUSALS.mfa.message), 'sign-in', 'sign-in'],
    ['a wrong key', of('390144', 'JWT token is invalid. [6e2f1a3c]'), 'sign-in', 'sign-in'],
    [
      'a wrong passphrase',
      of('ERR_OSSL_BAD_DECRYPT', 'error:1C800064:Provider routines::bad decrypt'),
      'sign-in',
      'sign-in',
    ],
    ['an invalid key', of(404026, 'Invalid private key.'), 'sign-in', 'sign-in'],
    ['an expired token', of(REFUSALS.tokenExpired.code, REFUSALS.tokenExpired.message), 'sign-in', 'sign-in'],
    ['a token without a policy', of(REFUSALS.networkPolicy.code, REFUSALS.networkPolicy.message), 'sign-in', 'sign-in'],
    ['an address that is not allowed', of('390999', REFUSALS.address.message), 'sign-in', 'sign-in'],
    ['a sign-in method that is not allowed', of('390139', 'Authenticator is not supported'), 'sign-in', 'sign-in'],
    [
      'a sign-in method that a policy forbids',
      of('390202', 'Authentication attempt rejected by the current authentication policy.'),
      'sign-in',
      'sign-in',
    ],
    ['an OAuth token', of('390318', 'OAuth access token expired. [id]'), 'sign-in', 'sign-in'],
    [
      'a role',
      of(
        '390189',
        "Role 'X' specified in the connect string does not exist or not authorized. Contact your local system administrator.",
      ),
      'role',
      'sign-in',
    ],
    ['no warehouse', of(REFUSALS.noWarehouse.code, REFUSALS.noWarehouse.message), 'warehouse', 'statement'],
    ['a suspended warehouse', of('000640', "Warehouse 'TRACKLAKE_WH' is suspended."), 'warehouse', 'statement'],
    [
      'a missing object',
      of('002043', 'SQL compilation error: Object does not exist, or operation cannot be performed.'),
      undefined,
      'statement',
    ],
    [
      'a missing database',
      of('002003', "SQL compilation error: Database 'X' does not exist or not authorized."),
      'database',
      'statement',
    ],
    [
      'a missing schema',
      of('002003', "SQL compilation error: Schema 'X.Y' does not exist or not authorized."),
      'schema',
      'statement',
    ],
    [
      'a missing table',
      of('002003', "SQL compilation error: Object 'X' does not exist or not authorized."),
      undefined,
      'statement',
    ],
    [
      'no database',
      of('090105', 'Cannot perform SELECT. This session does not have a current database.'),
      undefined,
      'statement',
    ],
    [
      'no schema',
      of('090106', 'Cannot perform CREATE TABLE. This session does not have a current schema.'),
      undefined,
      'statement',
    ],
    [
      'a missing privilege',
      of('003001', "SQL access control error: Insufficient privileges to operate on schema 'RAW'"),
      undefined,
      'statement',
    ],
  ])('%s', ([, error, check, attempted]) => {
    const failure = toFailure(error, noon, attempted)
    expect(failure).toMatchObject({ recovery: 'stop', context: { kind: 'needs you' } })
    expect(checkOf(failure)).toBe(check)
    expect(failure.message).not.toBe('')
    expect(failure.remedy).not.toMatch(/nothing to do/i)
  })
})

describe('what resolves itself waits', () => {
  test.for<[string, Error, number]>([
    ['an unknown host', network('ENOTFOUND'), 5],
    ['a name server that is down', network('EAI_AGAIN'), 5],
    ['a refused connection', network('ECONNREFUSED'), 5],
    ['a reset connection', network('ECONNRESET'), 5],
    ['a connection without a response', network('ETIMEDOUT'), 5],
    ['a busy service', http(503), 5],
    ['too many requests', http(429), 5],
    ['a silent sign-in', new NoResponse('No response within 60000 ms'), 5],
    ['a locked user', of(REFUSALS.locked.code, REFUSALS.locked.message), 15],
    ['a locked user by another code', of('390999', REFUSALS.locked.message), 15],
    ['a used up quota', of(REFUSALS.quota.code, REFUSALS.quota.message), 24 * 60],
    ['an unpaid account', of(REFUSALS.unpaid.code, REFUSALS.unpaid.message), 24 * 60],
    [
      'a trial that ended',
      of('000666', 'Your free trial has ended and all of your virtual warehouses have been suspended.'),
      24 * 60,
    ],
  ])('%s', ([, error, wait]) => {
    const failure = toFailure(error, noon, 'sign-in')
    expect(failure.recovery).toBe('wait')
    expect(minutes(failure)).toBe(wait)
  })

  test('a quota waits no longer than until next month', () => {
    const end = () => new Date('2026-11-30T20:00:00Z')
    expect(toFailure(of(REFUSALS.quota.code, REFUSALS.quota.message), end)).toMatchObject({
      until: new Date('2026-12-01T00:05:00Z'),
    })
  })
})

describe('what the next attempt fixes is retried', () => {
  test.for<[string, Error, boolean]>([
    ['a session that is gone', of(REFUSALS.sessionGone.code, REFUSALS.sessionGone.message), true],
    ['a token that is no longer valid', of('390104', 'The session token is invalid'), true],
    ['a connection that ended', of(407002, 'Unable to perform operation using terminated connection.'), true],
    [
      'a statement that took too long',
      of('000630', 'Statement reached its statement or warehouse timeout of 10 second(s) and was canceled.'),
      false,
    ],
    ['a cancelled statement', of('000604', 'SQL execution canceled'), false],
    ['no response', new NoResponse('No response within 10 ms'), false],
  ])('%s', ([, error, gone]) => {
    const failure = toFailure(error, noon)
    expect(failure.recovery).toBe('retry')
    expect(endsSession(failure)).toBe(gone)
  })
})

test.for<[string, Error]>([
  ['an error in the SQL', of('001003', 'SQL compilation error: syntax error line 1')],
  ['a missing column', of('000904', "SQL compilation error: invalid identifier 'X'")],
  ['two rows with the same key', of('100090', 'Duplicate row detected during DML action')],
  ['a value that is too large', of('100082', 'Max LOB size (16777216) exceeded')],
  ['invalid JSON', of('100069', 'Error parsing JSON')],
  ['two statements', of('000008', 'Actual statement count 2 did not match the desired statement count 1.')],
  ['an unknown error', of('123456', 'Something new')],
])('%s stops without involving the listener', ([, error]) => {
  const failure = toFailure(error, noon)
  expect(failure.recovery).toBe('stop')
  expect(failure.context.kind).toBeUndefined()
  expect(codeOf(failure)).toMatch(/^\d{6}$/)
})

test('drops what the driver attaches to errors: requests with tokens, bodies with secrets', () => {
  const error = of(401002, 'Request to Snowflake failed.', {
    response: { status: 503, config: { headers: { Authorization: 'Snowflake Token="tok-en"' } } },
    cause: { code: 'X', config: { data: '{"PASSWORD":"hunter2"}' } },
    data: { token: 'tok-en' },
  })
  const textOf = (value: unknown): string =>
    JSON.stringify(value, (_, inner) =>
      inner instanceof Error ? { ...inner, message: inner.message, cause: inner.cause } : inner,
    )
  expect(textOf(toFailure(error, noon))).not.toMatch(/tok-en|hunter2/)
})

test('a failure passes unchanged', () => {
  const failure = new Stop('x', { remedy: 'y' })
  expect(toFailure(failure, noon)).toBe(failure)
})
