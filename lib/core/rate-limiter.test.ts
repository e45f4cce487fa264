import { expect, test } from 'vitest'
import { RateLimiter } from './rate-limiter.ts'

function limiter(perMinute: number, atOnce: number) {
  const time = { ms: 0 }
  return { time, limiter: new RateLimiter({ perMinute, atOnce }, () => time.ms) }
}

/** Starts and ends a call. @returns whether it was allowed */
function call(limit: RateLimiter, caller: string): boolean {
  const end = limit.start(caller)
  if (typeof end === 'number') return false
  end()
  return true
}

test('allows as many calls as a minute has, then one after each pause', () => {
  const { time, limiter: limit } = limiter(60, 100)
  expect(Array.from({ length: 61 }, () => call(limit, 'a')).filter(Boolean)).toHaveLength(60)
  expect(limit.start('a')).toBe(1000)
  time.ms += 999
  expect(call(limit, 'a')).toBe(false)
  time.ms += 1
  expect([call(limit, 'a'), call(limit, 'a')]).toEqual([true, false])
})

test('callers do not use up each other’s calls', () => {
  const { limiter: limit } = limiter(1, 100)
  expect([call(limit, 'a'), call(limit, 'a'), call(limit, 'b')]).toEqual([true, false, true])
})

test('limits what runs at once, and ended calls make room', () => {
  const { limiter: limit } = limiter(100, 2)
  const first = limit.start('a')
  limit.start('a')
  expect(limit.start('a')).toBe(1000)
  expect(typeof limit.start('b')).toBe('function')
  if (typeof first === 'function') first()
  expect(typeof limit.start('a')).toBe('function')
})

test('refused calls do not prolong the wait', () => {
  const { time, limiter: limit } = limiter(1, 100)
  call(limit, 'a')
  for (let tries = 0; tries < 100; tries++) call(limit, 'a')
  time.ms += 60_000
  expect(call(limit, 'a')).toBe(true)
})

test('remembers a bounded number of callers', () => {
  const { limiter: limit } = limiter(1, 1)
  const callers = Array.from({ length: 20_000 }, (_, number) => `caller ${number}`)
  for (const caller of callers) call(limit, caller)
  expect(callers.filter((caller) => !call(limit, caller)).length).toBeLessThanOrEqual(10_000)
})
