import { expect, test } from 'vitest'
import { formatCreditCount, formatCredits } from './format.ts'

test.for([
  [0, '0'],
  [0.0194, '0.019'],
  [0.608, '0.61'],
  [0.9999, '1'],
  [2.43, '2.4'],
  [28.39, '28.4'],
] as const)('formats %d credits as %s', ([credits, text]) => {
  expect(formatCredits(credits)).toBe(text)
})

test('uses the singular for 1, also when rounded', () => {
  expect(formatCreditCount(0.9999)).toBe('1 credit')
  expect(formatCreditCount(1.2)).toBe('1.2 credits')
})
