import { expect, test } from 'vitest'
import { figureOf } from './figures.tsx'

const figure = (value: number, previous: number | null, name = 'plays, 28 days') =>
  figureOf({ figure: name, value, previous })

test('the period stands beside the word', () => {
  expect(figure(412, null)).toMatchObject({ word: 'Plays', period: '28 days', value: '412', change: null })
  expect(figure(60, null, 'playlists')).toMatchObject({ word: 'Playlists', period: null })
})

test('minutes are told as time', () => {
  expect(figure(2_160, null, 'minutes, 28 days')).toMatchObject({ word: 'Listened', value: '36', unit: 'h' })
})

test('a change is told in percent of before, and not at all after nothing', () => {
  expect(figure(108, 100).change?.sign).toBe('▲8%')
  expect(figure(97, 100).change?.sign).toBe('▼3%')
  expect(figure(100, 100).change?.sign).toBe('–')
  expect(figure(5, 0).change).toBeNull()
})
