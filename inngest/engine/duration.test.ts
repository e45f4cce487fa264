import { expect, test } from 'vitest'
import { sleepLength } from './duration.ts'

const noon = new Date('2026-01-01T12:00:00Z')

test.for<[string, number | undefined]>([
  ['300ms', 300],
  ['1s', 1_000],
  ['1h30m', 5_400_000],
  ['2w1d', 1_296_000_000],
  ['1.5h', 5_400_000],
  ['2026-01-01T12:00:05.000Z', 5_000],
  ['2025-12-31T00:00:00.000Z', 0],
  ['2026-01-01Tsoon', undefined],
  ['soon', undefined],
  ['1s and a bit', undefined],
  ['', undefined],
])('%s lasts %s ms from noon', ([text, length]) => {
  expect(sleepLength(text, noon)).toBe(length)
})
