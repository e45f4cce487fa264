import { expect, test } from 'vitest'
import { clockOf, readTime } from './times.ts'

const utc = (text: string) => Date.parse(`${text}Z`)

test.each([
  ['2020-05-01T20:03:04Z', '2020-05-01T20:03:04', false],
  ['2020-05-01T20:03:04.5+02:00', '2020-05-01T18:03:04.500', false],
  ['2020-05-01 20:03 -0530', '2020-05-02T01:33', false],
  ['2018-07-12 14:01:05 UTC', '2018-07-12T14:01:05', false],
  ['2020-05-01 20:03', '2020-05-01T20:03', true],
  ['23 Feb 2016 17:59', '2016-02-23T17:59', true],
  ['3 February 2016, 07:59:12', '2016-02-03T07:59:12', true],
  ['1456250340', '2016-02-23T17:59', false],
  [1_456_250_340_123, '2016-02-23T17:59:00.123', false],
])('reads %j', (text, expected, isLocal) => {
  expect(readTime(text)).toEqual({ at: utc(expected), isLocal })
})

test.each([
  '',
  'yesterday',
  '2020-02-30 10:00',
  '2020-13-01 10:00',
  '2020-01-01 24:00',
  '2020-01-01 10:60',
  '2020-01-01 10:00:60',
  '31 Apr 2016 10:00',
  '2020-05-01',
  '12345',
  null,
  {},
])('does not read %j', (text) => {
  expect(readTime(text)).toBeNull()
})

test.each([
  ['in winter', 'Europe/Berlin', '2024-01-15T12:00', '2024-01-15T11:00'],
  ['in summer', 'Europe/Berlin', '2024-07-15T12:00', '2024-07-15T10:00'],
  ['before the clocks are put forward', 'Europe/Berlin', '2024-03-31T01:59', '2024-03-31T00:59'],
  ['that does not occur', 'Europe/Berlin', '2024-03-31T02:30', '2024-03-31T01:30'],
  ['after the clocks were put forward', 'Europe/Berlin', '2024-03-31T03:00', '2024-03-31T01:00'],
  ['that occurs twice', 'Europe/Berlin', '2024-10-27T02:30', '2024-10-27T00:30'],
  ['after the clocks were put back', 'Europe/Berlin', '2024-10-27T03:00', '2024-10-27T02:00'],
  ['where clocks change by half an hour', 'Australia/Lord_Howe', '2024-04-07T03:00', '2024-04-06T16:30'],
  ['at half an hour', 'Asia/Kolkata', '2024-01-15T12:00', '2024-01-15T06:30'],
  ['on a day that was left out', 'Pacific/Apia', '2011-12-31T00:30', '2011-12-30T10:30'],
  ['in UTC', 'UTC', '2024-01-15T12:00', '2024-01-15T12:00'],
])('a local time %s is an instant', (_what, zone, local, expected) => {
  expect(new Date(clockOf(zone)(utc(local))).toISOString()).toBe(new Date(utc(expected)).toISOString())
})

test('every instant of a year comes back from its local time, apart from the hour that occurs twice', () => {
  for (const zone of ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
    const toInstant = clockOf(zone)
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
    let different = 0
    for (let at = Date.UTC(2024, 0, 1, 0, 7); at < Date.UTC(2025, 0, 1); at += 30 * 60_000) {
      const local = utc(format.format(at).replace(' ', 'T'))
      if (toInstant(local) !== at) different++
    }
    expect(different).toBeLessThanOrEqual(2)
  }
})
