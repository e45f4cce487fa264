import { expect, test } from 'vitest'
import { timesADay } from './planned-requests.ts'

const chosen = (kind: Parameters<typeof timesADay>[1]['kind'], fromHour = 6, toHour = 24) => ({
  kind,
  fromHour,
  toHour,
})

test('how often a group is asked a day follows its schedule', () => {
  expect(timesADay('recently played', chosen(null))).toBe(39)
  expect(timesADay('recently played', chosen('every_15', 8, 20))).toBe(48 + 6)
  // Awake over midnight.
  expect(timesADay('recently played', chosen('every_30', 20, 4))).toBe(16 + 8)
  expect(timesADay('library', chosen('every_30', 8, 20))).toBe(24)
  expect(timesADay('library', chosen(null))).toBe(1)
  expect(timesADay('library', chosen('hourly'))).toBe(24)
  expect(timesADay('library', chosen('weekly'))).toBeCloseTo(1 / 7)
  expect(timesADay('library', chosen('off'))).toBe(0)
})
