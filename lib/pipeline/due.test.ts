import { describe, expect, test } from 'vitest'
import { MINUTE } from '../clock.ts'
import { nextDue, spreadOf } from './due.ts'

function next(group: 'library' | 'recently played', zone: string, after: string, spread = 0): string {
  return nextDue(group, { zone, spread, after: new Date(after) }).toISOString()
}

describe('daily groups are due at five in the morning of the listener', () => {
  test.for([
    ['UTC', '2026-07-01T12:00:00Z', '2026-07-02T05:00:00.000Z'],
    ['Asia/Kolkata', '2026-07-01T12:00:00Z', '2026-07-01T23:30:00.000Z'],
    ['Pacific/Chatham', '2026-07-01T12:00:00Z', '2026-07-01T16:15:00.000Z'],
    ['Pacific/Chatham', '2026-12-01T12:00:00Z', '2026-12-01T15:15:00.000Z'],
    ['America/New_York', '2026-07-01T12:00:00Z', '2026-07-02T09:00:00.000Z'],
    ['America/New_York', '2026-12-01T12:00:00Z', '2026-12-02T10:00:00.000Z'],
  ] as const)('in %s after %s', ([zone, after, expected]) => {
    expect(next('library', zone, after)).toBe(expected)
  })

  test('spread over the hour, always at the same minute for a listener', () => {
    expect(next('library', 'UTC', '2026-07-01T12:00:00Z', 17)).toBe('2026-07-02T05:17:00.000Z')
    expect(spreadOf('listener-1')).toBe(spreadOf('listener-1'))
    const minutes = new Set(Array.from({ length: 500 }, (_, n) => spreadOf(`listener-${n}`)))
    expect(minutes.size).toBeGreaterThan(40)
    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...minutes)).toBeLessThan(60)
  })
})

describe('recently played is due', () => {
  test.for([
    ['half-hourly by day', '2026-07-01T12:00:00Z', '2026-07-01T12:30:00.000Z'],
    ['until midnight', '2026-07-01T23:31:00Z', '2026-07-02T00:00:00.000Z'],
    ['every two hours at night', '2026-07-02T00:00:00Z', '2026-07-02T02:00:00.000Z'],
    ['from six on again', '2026-07-02T04:30:00Z', '2026-07-02T06:00:00.000Z'],
  ] as const)('%s', ([, after, expected]) => {
    expect(next('recently played', 'UTC', after)).toBe(expected)
  })
})

describe.for([
  // The clock goes from 2:00 to 3:00, or from 3:00 to 2:00.
  ['Europe/Berlin', '2026-03-29T00:00:00Z'],
  ['Europe/Berlin', '2026-10-25T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T12:00:00Z'],
  ['Pacific/Chatham', '2026-09-26T12:00:00Z'],
] as const)('on the day when the clock of %s changes (%s)', ([zone, begin]) => {
  test('no look comes twice and none is more than some hours away', () => {
    let at = new Date(begin)
    for (let look = 0; look < 60; look++) {
      const following = nextDue('recently played', { zone, spread: 7, after: at })
      expect(following.getTime()).toBeGreaterThan(at.getTime())
      expect(following.getTime() - at.getTime()).toBeLessThanOrEqual(3 * 60 * MINUTE)
      at = following
    }
  })

  test('the daily run comes once', () => {
    const first = nextDue('library', { zone, spread: 0, after: new Date(begin) })
    const second = nextDue('library', { zone, spread: 0, after: first })
    const hours = (second.getTime() - first.getTime()) / (60 * MINUTE)
    expect(hours).toBeGreaterThanOrEqual(23)
    expect(hours).toBeLessThanOrEqual(25)
  })
})
