import { expect, test } from 'vitest'
import {
  formatDuration,
  formatMoment,
  formatRelative,
  formatTrackLength,
  inSentences,
  listeningTime,
} from './format.ts'

test('shows minutes as hours from 1,000', () => {
  expect(listeningTime(999)).toEqual({ value: '999', unit: 'min' })
  expect(listeningTime(1_020)).toEqual({ value: '17', unit: 'h' })
})

test('picks the unit that fits a duration', () => {
  expect(formatDuration(420)).toBe('420 ms')
  expect(formatDuration(59_000)).toBe('59 s')
  expect(formatDuration(200_000)).toBe('3 min 20 s')
  expect(formatDuration(60_000)).toBe('1 min')
  expect(formatDuration(6_120_000)).toBe('1 h 42 min')
})

test('adds missing full stops to problem and remedy', () => {
  expect(inSentences('It is gone', 'Try again.')).toBe('It is gone. Try again.')
  expect(inSentences('It is gone', null)).toBe('It is gone.')
})

test('pads the seconds of a song length to two digits', () => {
  expect(formatTrackLength(187_400)).toBe('3:07')
})

test('formats a time in the listener’s zone', () => {
  expect(formatMoment('2026-05-03T23:30:00Z', 'UTC')).toBe('3 May 2026, 23:30')
  expect(formatMoment('2026-05-03T23:30:00Z', 'Asia/Tokyo')).toBe('4 May 2026, 08:30')
})

test('formats a relative time in its largest unit', () => {
  const now = Date.parse('2026-05-03T12:00:00Z')
  expect(formatRelative('2026-05-03T11:59:50Z', now)).toBe('just now')
  expect(formatRelative('2026-05-03T12:12:00Z', now)).toBe('in 12 minutes')
  expect(formatRelative('2026-05-03T09:00:00Z', now)).toBe('3 hours ago')
  expect(formatRelative('2026-05-01T12:00:00Z', now)).toBe('2 days ago')
})
