import { expect, test } from 'vitest'
import type { ChartResponse } from '#lib/api/charts.ts'
import { isPreparing, keepRows } from './preparing.ts'

const chart = (name: string, more: Partial<ChartResponse> = {}): ChartResponse => ({
  chart: name,
  rows: [],
  asOf: null,
  warehouse: 'snowflake',
  params: {},
  ...more,
})

test('one chart whose warehouse is being asked makes the page ask again', () => {
  expect(isPreparing(undefined)).toBe(false)
  expect(isPreparing({ charts: [chart('a'), chart('b')] })).toBe(false)
  expect(isPreparing({ charts: [chart('a'), chart('b', { preparing: true })] })).toBe(true)
})

test('rows that were seen stay until the warehouse has answered anew', () => {
  const before = { charts: [chart('a', { rows: [{ n: 1 }] }), chart('b', { rows: [{ n: 2 }] })] }
  const next = { charts: [chart('a', { preparing: true }), chart('b', { rows: [{ n: 3 }] })] }
  expect(keepRows(before, next).charts).toEqual([
    chart('a', { rows: [{ n: 1 }], preparing: true }),
    chart('b', { rows: [{ n: 3 }] }),
  ])
})

test('once the warehouse has answered, its rows count, also when there are none', () => {
  const before = { charts: [chart('a', { rows: [{ n: 1 }], preparing: true })] }
  expect(keepRows(before, { charts: [chart('a')] })).toEqual({ charts: [chart('a')] })
})

test('a chart that was never seen has nothing to keep', () => {
  const next = { charts: [chart('a', { preparing: true })] }
  expect(keepRows({ charts: [] }, next)).toEqual(next)
})
