import { expect, test } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { readResponse, sleepLength } from './messages.ts'

const now = new Date('2026-01-01T12:00:00Z')
const sdk = { 'x-inngest-sdk': 'inngest-js:v4' }

function respond(status: number, body: string, headers: Record<string, string> = {}) {
  return readResponse({ kind: 'responded', status, body, headers: { ...sdk, ...headers } }, now)
}

test('200 returns the result of the function', () => {
  expect(respond(200, '{"a":1}')).toEqual({ kind: 'returned', value: { a: 1 } })
  expect(respond(200, '')).toEqual({ kind: 'returned', value: null })
})

test('206 contains one operation or many', () => {
  const one = '{"op":"StepRun","id":"0a","data":1}'
  expect(respond(206, one)).toEqual(respond(206, `[${one}]`))
  expect(respond(206, one)).toMatchObject({ kind: 'operations', operations: [{ op: 'StepRun', data: 1 }] })
})

test('malformed operations are an error without retry', () => {
  expect(respond(206, '[{"op":"StepRun"}]')).toMatchObject({ kind: 'threw', retry: { allowed: false } })
})

test.for<[string, string, number | undefined]>([
  ['seconds', '7', 7_000],
  ['a date', 'Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
  ['the past', 'Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ['far too long', '99999999', DAY],
  ['nonsense', 'later', undefined],
])('retry-after: %s', ([, header, afterMs]) => {
  expect(respond(500, '{}', { 'retry-after': header })).toMatchObject({ retry: { allowed: true, afterMs } })
})

test('an error that the app marks as final is not retried', () => {
  const error = { name: 'NonRetriableError', message: 'no', stack: '' }
  expect(respond(400, JSON.stringify(error), { 'x-inngest-no-retry': 'true' })).toEqual({
    kind: 'threw',
    error,
    retry: { allowed: false, afterMs: undefined },
  })
})

test('an error without name or message becomes one that the SDK can read', () => {
  expect(respond(500, '"plain"')).toMatchObject({ error: { name: 'Error', message: 'plain' } })
  expect(respond(500, '<h1>oops')).toMatchObject({ error: { name: 'Error', message: '<h1>oops' } })
  expect(respond(500, '{"code":1}')).toMatchObject({ error: { name: 'Error', message: '{"code":1}' } })
})

test('a response that is not from the SDK is never taken for a result', () => {
  const page = readResponse({ kind: 'responded', status: 200, body: '"done"', headers: {} }, now)
  expect(page).toMatchObject({ kind: 'threw', retry: { allowed: true } })
})

test.for<[string, number | undefined]>([
  ['300ms', 300],
  ['1s', 1_000],
  ['1h30m', 5_400_000],
  ['2w1d', 1_296_000_000],
  ['1.5h', 5_400_000],
  ['2026-01-01T12:00:05.000Z', 5_000],
  ['2025-12-31T00:00:00.000Z', 0],
  ['2026-01-01Tsoon', undefined],
  ['soon', undefined],
  ['1s and a bit', undefined],
  ['', undefined],
])('a sleep of "%s" lasts %s ms', ([text, length]) => {
  expect(sleepLength(text, now)).toBe(length)
})
