import { expect, test } from 'vitest'
import type { ChartName, ChartResponse } from '#lib/api/client.ts'
import { isPreparing, keepRows } from './use-charts.ts'

const chart = (name: ChartName, more: Partial<ChartResponse> = {}): ChartResponse => ({
  chart: name,
  rows: [],
  asOf: null,
  warehouse: 'snowflake',
  params: {},
  next: null,
  ...more,
})

test('polls while any chart is still being prepared', () => {
  expect(isPreparing(undefined)).toBe(false)
  expect(isPreparing({ charts: [chart('figures'), chart('last-week')] })).toBe(false)
  expect(isPreparing({ charts: [chart('figures'), chart('last-week', { preparing: true })] })).toBe(true)
})

test('keeps the shown rows until the warehouse has new ones', () => {
  const before = { charts: [chart('figures', { rows: [{ n: 1 }] }), chart('last-week', { rows: [{ n: 2 }] })] }
  const next = { charts: [chart('figures', { preparing: true }), chart('last-week', { rows: [{ n: 3 }] })] }
  expect(keepRows(before, next).charts).toEqual([
    chart('figures', { rows: [{ n: 1 }], preparing: true }),
    chart('last-week', { rows: [{ n: 3 }] }),
  ])
})

test('takes the new rows once the warehouse has responded, even if there are none', () => {
  const before = { charts: [chart('figures', { rows: [{ n: 1 }], preparing: true })] }
  expect(keepRows(before, { charts: [chart('figures')] })).toEqual({ charts: [chart('figures')] })
})

test('keeps nothing for a chart that was never shown', () => {
  const next = { charts: [chart('figures', { preparing: true })] }
  expect(keepRows({ charts: [] }, next)).toEqual(next)
})
