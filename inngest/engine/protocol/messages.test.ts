import { expect, test } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { readResponse } from './messages.ts'

const now = new Date('2026-01-01T12:00:00Z')
const sdk = { 'x-inngest-sdk': 'inngest-js:v4' }

function answered(status: number, body: string, headers: Record<string, string> = {}) {
  return readResponse({ kind: 'answered', status, body, headers: { ...sdk, ...headers } }, now)
}

test('200 is the result of the function', () => {
  expect(answered(200, '{"a":1}')).toEqual({ kind: 'returned', value: { a: 1 } })
  expect(answered(200, '')).toEqual({ kind: 'returned', value: null })
})

test('206 holds operations, one or many', () => {
  const one = '{"op":"StepRun","id":"0a","data":1}'
  expect(answered(206, one)).toEqual(answered(206, `[${one}]`))
  expect(answered(206, one)).toMatchObject({ kind: 'operations', operations: [{ op: 'StepRun', data: 1 }] })
})

test('operations of another shape are an error that no retry mends', () => {
  expect(answered(206, '[{"op":"StepRun"}]')).toMatchObject({ kind: 'threw', retry: { allowed: false } })
})

test.for<[string, string, number | undefined]>([
  ['seconds', '7', 7_000],
  ['a date', 'Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
  ['the past', 'Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ['far too long', '99999999', DAY],
  ['nonsense', 'later', undefined],
])('retry-after: %s', ([, header, afterMs]) => {
  expect(answered(500, '{}', { 'retry-after': header })).toMatchObject({ retry: { allowed: true, afterMs } })
})

test('an error that the app calls final is not tried again', () => {
  const error = { name: 'NonRetriableError', message: 'no', stack: '' }
  expect(answered(400, JSON.stringify(error), { 'x-inngest-no-retry': 'true' })).toEqual({
    kind: 'threw',
    error,
    retry: { allowed: false, afterMs: undefined },
  })
})

test('an error without a name or message becomes one that the SDK can read', () => {
  expect(answered(500, '"plain"')).toMatchObject({ error: { name: 'Error', message: 'plain' } })
  expect(answered(500, '<h1>oops')).toMatchObject({ error: { name: 'Error', message: '<h1>oops' } })
  expect(answered(500, '{"code":1}')).toMatchObject({ error: { name: 'Error', message: '{"code":1}' } })
})

test('what does not come from the SDK is never taken for a result', () => {
  const page = readResponse({ kind: 'answered', status: 200, body: '"done"', headers: {} }, now)
  expect(page).toMatchObject({ kind: 'threw', retry: { allowed: true } })
})
