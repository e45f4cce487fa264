import { expect, test } from 'vitest'
import { figureOf } from './figures.tsx'

const figure = (value: number, previous: number | null, name = 'plays', days: number | null = 28) =>
  figureOf({ name, days, value, previous })

test('separates label and period', () => {
  expect(figure(412, null)).toMatchObject({ label: 'Plays', period: '28 days', value: '412', change: null })
  expect(figure(60, null, 'playlists', null)).toMatchObject({ label: 'Playlists', period: null })
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
