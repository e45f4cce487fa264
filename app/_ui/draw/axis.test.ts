import { expect, test } from 'vitest'
import { axisWidth } from './axis.ts'

test('an axis has room for the round number above its highest value', () => {
  expect(axisWidth([0, 998, null])).toBe(axisWidth([1_000]))
  expect(axisWidth([135_099])).toBeGreaterThan(axisWidth([9_000]))
  expect(axisWidth([-5_000, 10])).toBe(axisWidth([5_000]))
  expect(axisWidth([])).toBeGreaterThan(0)
})
