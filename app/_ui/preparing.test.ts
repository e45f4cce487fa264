import { expect, test } from 'vitest'
import type { ChartAnswer } from '#lib/api/answers.ts'
import { isPreparing, keepRows } from './preparing.ts'

const chart = (name: string, more: Partial<ChartAnswer> = {}): ChartAnswer => ({
  chart: name,
  rows: [],
  asOf: null,
  warehouse: 'snowflake',
  params: {},
  ...more,
})

test('polls while any chart is still being prepared', () => {
  expect(isPreparing(undefined)).toBe(false)
  expect(isPreparing({ charts: [chart('a'), chart('b')] })).toBe(false)
  expect(isPreparing({ charts: [chart('a'), chart('b', { preparing: true })] })).toBe(true)
})

test('keeps the shown rows until the warehouse has new ones', () => {
  const before = { charts: [chart('a', { rows: [{ n: 1 }] }), chart('b', { rows: [{ n: 2 }] })] }
  const next = { charts: [chart('a', { preparing: true }), chart('b', { rows: [{ n: 3 }] })] }
  expect(keepRows(before, next).charts).toEqual([
    chart('a', { rows: [{ n: 1 }], preparing: true }),
    chart('b', { rows: [{ n: 3 }] }),
  ])
})

test('takes the new rows once the warehouse has responded, even if there are none', () => {
  const before = { charts: [chart('a', { rows: [{ n: 1 }], preparing: true })] }
  expect(keepRows(before, { charts: [chart('a')] })).toEqual({ charts: [chart('a')] })
})

test('keeps nothing for a chart that was never shown', () => {
  const next = { charts: [chart('a', { preparing: true })] }
  expect(keepRows({ charts: [] }, next)).toEqual(next)
})
