import { describe, expect, test } from 'vitest'
import { pastDaysOf, percentOf, runPercent, secondsLeft } from './progress.ts'

const AT = new Date('2026-05-03T12:00:00Z')
const days = (count: number) => Array.from({ length: count }, () => AT)

const queued = { startedAt: null, endedAt: null, phase: null, extractedAt: null, instants: [] }
const fetching = { ...queued, startedAt: AT, phase: 'extracting' }

describe('percentOf', () => {
  test('is what has been fetched of the list', () => {
    expect(percentOf(queued)).toBe(0)
    expect(percentOf(fetching, { pastDays: 0, share: 0 })).toBe(0)
    expect(percentOf(fetching, { pastDays: 0, share: 0.5 })).toBe(47)
    expect(percentOf(fetching, { pastDays: 0, share: null })).toBeNull()
  })

  test('is full at the end only, not while rows are saved', () => {
    expect(percentOf(fetching, { pastDays: 0, share: 1 })).toBe(95)
    expect(percentOf({ ...fetching, extractedAt: AT, phase: 'loading' })).toBe(95)
    expect(percentOf({ ...fetching, endedAt: AT })).toBe(100)
  })

  test('grows with every past day and is not full before the last one', () => {
    const current = { ...fetching, extractedAt: AT }
    const shown = [0, 5, 10].map((done) =>
      percentOf({ ...current, instants: days(10 - done) }, { pastDays: done, share: null }),
    )
    expect(shown).toEqual([8, 51, 95])
  })
})

test('pastDaysOf counts the days that have been read and those that are left', () => {
  expect(pastDaysOf({ instants: [] })).toBeNull()
  expect(pastDaysOf({ instants: days(3) }, { pastDays: 2, share: null })).toEqual({ done: 2, total: 5 })
})

test('a run is the average of its streams, where unknown progress counts as none', () => {
  expect(runPercent([100, 50, null, 0])).toBe(37)
  expect(runPercent([])).toBe(0)
})

test('secondsLeft extrapolates, but not from the first moments', () => {
  const at = (seconds: number) => new Date(AT.getTime() + seconds * 1_000)
  expect(secondsLeft(AT, 25, at(10))).toBe(30)
  expect(secondsLeft(AT, 25, at(1))).toBeNull()
  expect(secondsLeft(AT, 1, at(60))).toBeNull()
  expect(secondsLeft(null, 0, at(60))).toBeNull()
  expect(secondsLeft(AT, 100, at(60))).toBeNull()
})
