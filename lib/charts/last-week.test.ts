import { expect, test } from 'vitest'
import type { Table } from '#lib/core/table.ts'
import { lastWeek } from './last-week.ts'
import { contextAt } from './testing.ts'

function weekOf(zone: string, now: string): unknown[] {
  const table = ({ name }: Table) => name
  const { values } = lastWeek.sql(contextAt(new Date(now), { table, zone }), {})
  const [last, thisOne, before] = values
  return [before, last, thisOne]
}

test('a week goes from Monday to Monday of the listener', () => {
  expect(weekOf('UTC', '2026-05-04T09:00:00Z')).toEqual([
    '2026-04-20T00:00:00.000Z',
    '2026-04-27T00:00:00.000Z',
    '2026-05-04T00:00:00.000Z',
  ])
  expect(weekOf('Pacific/Chatham', '2026-07-05T20:00:00Z')).toEqual([
    '2026-06-21T11:15:00.000Z',
    '2026-06-28T11:15:00.000Z',
    '2026-07-05T11:15:00.000Z',
  ])
})

test('a week with a clock change still goes from Monday to Monday', () => {
  // Berlin: 29 March 2026 has 23 hours, 25 October 25.
  expect(weekOf('Europe/Berlin', '2026-03-30T07:00:00Z')).toEqual([
    '2026-03-15T23:00:00.000Z',
    '2026-03-22T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ])
  expect(weekOf('Europe/Berlin', '2026-10-26T08:00:00Z')).toEqual([
    '2026-10-11T22:00:00.000Z',
    '2026-10-18T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ])
})
