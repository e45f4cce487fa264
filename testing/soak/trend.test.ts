import { expect, test } from 'vitest'
import { isFlat } from './trend.ts'

const flat = (samples: number[]) => isFlat({ name: 'heap', unit: 'MB', tolerance: 5, samples })

test.for<[name: string, samples: number[], expected: boolean]>([
  ['the same throughout', [80, 80, 80, 80, 80, 80], true],
  ['noise', [80, 84, 79, 83, 78, 82, 84, 79, 81], true],
  ['one peak', [80, 80, 80, 80, 80, 200, 80, 80, 80], true],
  ['less than before', [120, 110, 100, 90, 80, 80], true],
  ['a leak', [80, 82, 84, 86, 88, 90, 92, 94, 96], false],
  ['a leak under noise', [80, 78, 85, 84, 90, 86, 93, 91, 97], false],
])('$0', ([, samples, expected]) => {
  expect(flat(samples)).toBe(expected)
})
