import { describe, expect, test } from 'vitest'
import { MINUTE } from '#lib/core/clock.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { NEVER, nextDue, type Timetable } from './timetable.ts'

function next(group: 'library' | 'recently played', zone: string, after: string, jitter = 0): string {
  return nextDue(group, { zone, jitter, after: new Date(after) }).toISOString()
}

describe('daily groups are due at 5:00 in the listener’s zone', () => {
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

  test('spread over the hour, at a fixed minute per listener', () => {
    expect(next('library', 'UTC', '2026-07-01T12:00:00Z', 17)).toBe('2026-07-02T05:17:00.000Z')
    expect(jitterOf('listener-1')).toBe(jitterOf('listener-1'))
    const minutes = new Set(Array.from({ length: 500 }, (_, n) => jitterOf(`listener-${n}`)))
    expect(minutes.size).toBeGreaterThan(40)
    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...minutes)).toBeLessThan(60)
  })
})

test('an unknown zone counts as UTC', () => {
  for (const group of ['library', 'recently played'] as const)
    expect(next(group, 'Europe/Atlantis', '2026-07-01T12:00:00Z')).toBe(next(group, 'UTC', '2026-07-01T12:00:00Z'))
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

/** The next times of a group, in the zone's local time. */
function shown(
  group: 'library' | 'recently played',
  chosen: Partial<Timetable>,
  { zone, after, times, jitter = 0 }: { zone: string; after: string; times: number; jitter?: number },
): string[] {
  const timetable = { kind: null, fromHour: 6, toHour: 24, atMinute: null, weekday: null, ...chosen }
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  const found: string[] = []
  for (let at = new Date(after); found.length < times; ) {
    at = nextDue(group, { zone, jitter, after: at, timetable })
    found.push(clock.format(at))
  }
  return found
}

describe('a chosen schedule is due', () => {
  const noon = { zone: 'Asia/Kolkata', after: '2026-07-01T06:30:00Z', times: 3 }

  test.for<[string, Partial<Timetable>, string[]]>([
    ['every quarter', { kind: 'every_15' }, ['2026-07-01 12:15', '2026-07-01 12:30', '2026-07-01 12:45']],
    ['every half hour', { kind: 'every_30' }, ['2026-07-01 12:30', '2026-07-01 13:00', '2026-07-01 13:30']],
    ['hourly', { kind: 'hourly' }, ['2026-07-01 12:30', '2026-07-01 13:30', '2026-07-01 14:30']],
    ['daily', { kind: 'daily', atMinute: 450 }, ['2026-07-02 07:30', '2026-07-03 07:30', '2026-07-04 07:30']],
    [
      'weekly',
      { kind: 'weekly', weekday: 1, atMinute: 0 },
      ['2026-07-06 00:00', '2026-07-13 00:00', '2026-07-20 00:00'],
    ],
    ['on Sunday', { kind: 'weekly', weekday: 7 }, ['2026-07-05 05:00', '2026-07-12 05:00', '2026-07-19 05:00']],
  ])('%s', ([, chosen, expected]) => {
    expect(shown('library', chosen, noon)).toEqual(expected)
  })

  test('never, when it is off', () => {
    expect(nextDue('library', { zone: 'UTC', jitter: 0, after: new Date(), timetable: off })).toEqual(NEVER)
  })

  test('in any waking hours; recently played also every two hours outside them', () => {
    const late = { zone: 'UTC', after: '2026-07-01T03:00:00Z', times: 4 }
    const nightly = { kind: 'every_30' as const, fromHour: 22, toHour: 4 }
    expect(shown('library', nightly, late)).toEqual([
      '2026-07-01 03:30',
      '2026-07-01 22:00',
      '2026-07-01 22:30',
      '2026-07-01 23:00',
    ])
    expect(shown('recently played', nightly, late)).toEqual([
      '2026-07-01 03:30',
      '2026-07-01 04:00',
      '2026-07-01 06:00',
      '2026-07-01 08:00',
    ])
  })

  test('at the listener’s minute, so that not all are due at once', () => {
    const options = { zone: 'UTC', after: '2026-07-01T12:00:00Z', times: 2, jitter: 17 }
    expect(shown('library', { kind: 'every_15' }, options)).toEqual(['2026-07-01 12:02', '2026-07-01 12:17'])
    expect(shown('library', { kind: 'hourly' }, options)).toEqual(['2026-07-01 12:17', '2026-07-01 13:17'])
  })
})

const off: Timetable = { kind: 'off', fromHour: 6, toHour: 24, atMinute: null, weekday: null }

describe('a daily time on the day when the clock changes', () => {
  test.for([
    // A skipped time runs right after the gap, a repeated one once.
    ['Europe/Berlin', '2026-03-28T12:00:00Z', 150, ['2026-03-29 03:00', '2026-03-30 02:30']],
    ['Europe/Berlin', '2026-10-24T12:00:00Z', 150, ['2026-10-25 02:30', '2026-10-26 02:30']],
    ['America/New_York', '2026-03-07T12:00:00Z', 150, ['2026-03-08 03:00', '2026-03-09 02:30']],
    ['America/New_York', '2026-10-31T12:00:00Z', 90, ['2026-11-01 01:30', '2026-11-02 01:30']],
    ['Pacific/Chatham', '2026-09-26T00:00:00Z', 180, ['2026-09-27 03:45', '2026-09-28 03:00']],
    ['Pacific/Chatham', '2026-04-04T00:00:00Z', 195, ['2026-04-05 03:15', '2026-04-06 03:15']],
    ['Asia/Kolkata', '2026-03-28T12:00:00Z', 150, ['2026-03-29 02:30', '2026-03-30 02:30']],
  ] as const)('in %s after %s', ([zone, after, atMinute, expected]) => {
    expect(shown('library', { kind: 'daily', atMinute }, { zone, after, times: 2 })).toEqual(expected)
  })
})

test.for([
  ['Europe/Berlin', '2026-03-28T18:00:00Z'],
  ['Europe/Berlin', '2026-10-24T18:00:00Z'],
  ['America/New_York', '2026-03-08T00:00:00Z'],
  ['America/New_York', '2026-11-01T00:00:00Z'],
  ['Pacific/Chatham', '2026-09-26T06:00:00Z'],
  ['Asia/Kolkata', '2026-03-28T18:00:00Z'],
] as const)('day and night means every quarter of an hour, also when the clock changes in %s (%s)', ([zone, begin]) => {
  const timetable: Timetable = { kind: 'every_15', fromHour: 0, toHour: 24, atMinute: null, weekday: null }
  const gaps = new Set<number>()
  for (let at = new Date(begin), poll = 0; poll < 60; poll++) {
    const following = nextDue('library', { zone, jitter: 3, after: at, timetable })
    if (poll > 0) gaps.add(following.getTime() - at.getTime())
    at = following
  }
  expect([...gaps]).toEqual([15 * MINUTE])
})

describe.for([
  // The clock goes from 2:00 to 3:00, or from 3:00 to 2:00.
  ['Europe/Berlin', '2026-03-29T00:00:00Z'],
  ['Europe/Berlin', '2026-10-25T00:00:00Z'],
  ['America/New_York', '2026-03-08T00:00:00Z'],
  ['America/New_York', '2026-11-01T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T12:00:00Z'],
  ['Pacific/Chatham', '2026-09-26T12:00:00Z'],
] as const)('on the day when the clock of %s changes (%s)', ([zone, begin]) => {
  test('no poll repeats, and none is more than a few hours away', () => {
    let at = new Date(begin)
    for (let poll = 0; poll < 60; poll++) {
      const following = nextDue('recently played', { zone, jitter: 7, after: at })
      expect(following.getTime()).toBeGreaterThan(at.getTime())
      expect(following.getTime() - at.getTime()).toBeLessThanOrEqual(2 * 60 * MINUTE)
      at = following
    }
  })

  test('the daily run happens once', () => {
    const first = nextDue('library', { zone, jitter: 0, after: new Date(begin) })
    const second = nextDue('library', { zone, jitter: 0, after: first })
    const hours = (second.getTime() - first.getTime()) / (60 * MINUTE)
    expect(hours).toBeGreaterThanOrEqual(23)
    expect(hours).toBeLessThanOrEqual(25)
  })
})
