import { expect, test } from 'vitest'
import { figureOf } from './figures.tsx'

const NOW = Date.parse('2026-11-30T08:00:00Z')

const figure = (
  value: number,
  previous: number | null,
  name = 'plays',
  days: number | null = 28,
  since: string | null = null,
) => figureOf({ name, days, value, previous, since }, 'Europe/Berlin', NOW)

test('separates label and period', () => {
  expect(figure(412, null)).toMatchObject({ label: 'Plays', period: '28 days', value: '412', change: null })
  expect(figure(60, null, 'playlists', null)).toMatchObject({ label: 'Playlists', period: null })
})

test('says since when there are plays if that is less than the period', () => {
  const since = (at: string) => figure(53, null, 'plays', 28, at).period
  expect(since('2026-11-28T23:30:00.000Z')).toBe('since 29 Nov')
  expect(since('2026-11-29T13:33:00.000Z')).toBe('since 29 Nov')
  expect(since('2026-11-30T05:10:00.000Z')).toBe('since 06:10')
})

test('shows minutes as listening time', () => {
  expect(figure(2_160, null, 'minutes')).toMatchObject({ label: 'Listened', value: '36', unit: 'h' })
})

test('shows the change in percent, and none if the previous value is zero', () => {
  expect(figure(108, 100).change?.symbol).toBe('▲8%')
  expect(figure(97, 100).change?.symbol).toBe('▼3%')
  expect(figure(100, 100).change?.symbol).toBe('–')
  expect(figure(5, 0).change).toBeNull()
})
