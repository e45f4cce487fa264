import { expect, test } from 'vitest'
import { RateWindow } from './rate-window.ts'

test('lets through what the window allows, then says how long to wait', () => {
  const window = new RateWindow({ seconds: 30, requests: 2 })
  expect([window.pass(0), window.pass(10_000)]).toEqual([undefined, undefined])
  expect(window.pass(12_000)).toBe(18)
  expect(window.pass(29_500)).toBe(1)
})

test('frees the place of each request when it leaves the window', () => {
  const window = new RateWindow({ seconds: 30, requests: 2 })
  window.pass(0)
  window.pass(10_000)
  expect(window.pass(30_000)).toBeUndefined()
  expect(window.pass(30_001)).toBe(10)
  expect(window.pass(40_000)).toBeUndefined()
})

test("doesn't count refused requests", () => {
  const window = new RateWindow({ seconds: 2, requests: 1 })
  window.pass(0)
  for (let now = 100; now < 2000; now += 100) expect(window.pass(now)).toBeGreaterThan(0)
  expect(window.pass(2000)).toBeUndefined()
})
