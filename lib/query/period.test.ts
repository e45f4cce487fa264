import { expect, test } from 'vitest'
import { PeriodQuery } from '#lib/api/period.ts'
import { Refused } from '#lib/core/errors.ts'
import { calendarOf } from '#lib/core/period.ts'
import { resolveQuery } from './period.ts'

const AT = new Date('2026-11-30T20:30:00Z')
const listener = { zone: 'Asia/Kathmandu', weekStart: 7 }

test('presets are resolved in the zone and week of the listener', () => {
  const calendar = calendarOf(listener, '2016-05-03', AT)
  expect(calendar.today).toBe('2026-12-01')
  expect(resolveQuery({ period: 'this-week', compare: 'previous' }, calendar)).toEqual({
    period: { preset: 'this-week', from: '2026-11-29', to: '2026-12-01' },
    compared: { from: '2026-11-22', to: '2026-11-24' },
  })
  expect(resolveQuery({ period: 'all' }, calendar).period.from).toBe('2016-05-03')
  expect(resolveQuery({}, calendar)).toEqual({
    period: { preset: '28d', from: '2026-11-04', to: '2026-12-01' },
    compared: null,
  })
  expect(calendarOf({ zone: null, weekStart: 1 }, null, AT)).toMatchObject({ zone: 'UTC', today: '2026-11-30' })
})

test('a period that cannot be is refused with what to do', () => {
  const calendar = calendarOf(listener, null, AT)
  expect(resolveQuery({ from: '2026-12-01', to: '2026-12-01' }, calendar).period.to).toBe('2026-12-01')
  const refusal = (query: PeriodQuery) => {
    try {
      return resolveQuery(query, calendar)
    } catch (error) {
      return error
    }
  }
  const future = refusal({ from: '2026-12-01', to: '2026-12-02', compareFrom: '2026-01-02', compareTo: '2026-01-01' })
  expect(future).toBeInstanceOf(Refused)
  expect(future).toMatchObject({
    status: 400,
    code: 'wrong-parameter',
    remedy: 'Choose 2026-12-01, which is today, or earlier.',
    fields: { to: '"to" is in the future', compareFrom: '"compareFrom" is after "compareTo"' },
  })
})

test('the contract refuses what no day or period is, whatever the zone', () => {
  const wrong = (query: Record<string, string>) =>
    PeriodQuery.safeParse(query).error?.issues.map(({ path }) => path.join('.')) ?? []
  expect(wrong({ period: '28d', compare: 'last-year' })).toEqual([])
  expect(wrong({ from: '2024-02-29', to: '2026-11-30', compareFrom: '2006-01-01', compareTo: '2006-12-31' })).toEqual(
    [],
  )
  expect(wrong({ period: 'fortnight', compare: 'nothing' })).toEqual(['period', 'compare'])
  expect(wrong({ from: '2026-02-29', to: 'x'.repeat(10_000) })).toEqual(['from', 'to'])
})
