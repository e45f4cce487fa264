import { expect, test } from 'vitest'
import { Admission } from './admission.ts'

interface Call {
  functionId: string
  key?: string
  n: number
}

const call = (functionId: string, n: number): Call => ({ functionId, n })
const callFor = (key: string, n: number): Call => ({ functionId: 'a', key, n })

test('each function has its own limit, and waiting calls keep their order', () => {
  const admission = new Admission<Call>()
  const one = { limit: 1 }
  expect(admission.enter(call('a', 1), one)).toBe(true)
  expect(admission.enter(call('a', 2), one)).toBe(false)
  expect(admission.enter(call('a', 3), one)).toBe(false)
  expect(admission.enter(call('b', 1), one)).toBe(true)
  expect(admission.leave(call('a', 1))).toEqual(call('a', 2))
  expect(admission.enter(call('a', 4), one)).toBe(false)
  expect(admission.leave(call('a', 2))).toEqual(call('a', 3))
  expect(admission.leave(call('a', 3))).toEqual(call('a', 4))
  expect(admission.leave(call('a', 4))).toBeUndefined()
  expect(admission.enter(call('a', 5), one)).toBe(true)
})

test('without a limit no call waits', () => {
  const admission = new Admission<Call>()
  for (let n = 0; n < 100; n++) expect(admission.enter(call('a', n), { limit: undefined })).toBe(true)
})

/** Enters these calls with a limit of two and ends them one by one. @returns the order in which they were admitted */
function orderOf(calls: Call[]): string[] {
  const admission = new Admission<Call>()
  const active = calls.filter((one) => admission.enter(one, { limit: 2, perKey: 2 }))
  const order: string[] = []
  for (let one = active.shift(); one; one = active.shift()) {
    order.push(`${one.key}${one.n}`)
    const next = admission.leave(one)
    if (next) active.push(next)
  }
  return order
}

const many = (key: string, count: number) => Array.from({ length: count }, (_, n) => callFor(key, n + 1))

test('a key with few calls does not wait for a key with many', () => {
  expect(orderOf([...many('A', 50), ...many('B', 3)]).slice(0, 8)).toEqual([
    ...['A1', 'A2', 'B1', 'A3', 'B2', 'A4', 'B3', 'A5'],
  ])
})

test('keys with many calls are served in turn', () => {
  const order = orderOf([...many('A', 50), ...many('B', 50), ...many('C', 50)])
  expect(order).toHaveLength(150)
  for (const key of ['A', 'B', 'C']) {
    const among30 = order.slice(0, 30).filter((one) => one.startsWith(key))
    expect(among30.length, key).toBeGreaterThanOrEqual(9)
  }
})

test('a key never exceeds its own limit, even when the function has room', () => {
  const admission = new Admission<Call>()
  const limits = { limit: 3, perKey: 1 }
  expect(admission.enter(callFor('A', 1), limits)).toBe(true)
  expect(admission.enter(callFor('A', 2), limits)).toBe(false)
  expect(admission.enter(callFor('B', 1), limits)).toBe(true)
  expect(admission.leave(callFor('B', 1))).toBeUndefined()
  expect(admission.leave(callFor('A', 1))).toEqual(callFor('A', 2))
})

test('ten thousand waiting keys cost as little per call as ten', () => {
  const admission = new Admission<Call>()
  let reads = 0
  const counted = (key: string): Call => ({
    functionId: 'a',
    n: 0,
    get key() {
      reads++
      return key
    },
  })
  let one = counted('first')
  admission.enter(one, { limit: 1 })
  for (let n = 0; n < 10_000; n++) admission.enter(counted(`listener-${n}`), { limit: 1 })
  reads = 0
  let served = 0
  for (let next = admission.leave(one); next; next = admission.leave(one)) {
    one = next
    served++
  }
  expect(served).toBe(10_000)
  expect(reads).toBeLessThan(50_000)
})
