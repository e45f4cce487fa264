import { expect, test } from 'vitest'
import { Admission } from './admission.ts'

const call = (functionId: string, n: number) => ({ functionId, n })

test('places are kept per function, and who waits comes in order', () => {
  const admission = new Admission<ReturnType<typeof call>>()
  expect(admission.enter(call('a', 1), 1)).toBe(true)
  expect(admission.enter(call('a', 2), 1)).toBe(false)
  expect(admission.enter(call('a', 3), 1)).toBe(false)
  expect(admission.enter(call('b', 1), 1)).toBe(true)
  expect(admission.leave('a')).toEqual(call('a', 2))
  expect(admission.enter(call('a', 4), 1)).toBe(false)
  expect(admission.leave('a')).toEqual(call('a', 3))
  expect(admission.leave('a')).toEqual(call('a', 4))
  expect(admission.leave('a')).toBeUndefined()
  expect(admission.enter(call('a', 5), 1)).toBe(true)
})

test('without a limit nobody waits', () => {
  const admission = new Admission<ReturnType<typeof call>>()
  for (let n = 0; n < 100; n++) expect(admission.enter(call('a', n), undefined)).toBe(true)
})
