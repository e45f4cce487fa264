import { expect, test } from 'vitest'
import { fold, idFromNames } from './fold.ts'

test.each([
  ['Björk', 'bjork'],
  ['  The   Weeknd ', 'the weeknd'],
  ['ÆON FLUX', 'æon flux'],
  ['Сплин', 'сплин'],
  ['ガガガ', 'ガガガ'],
  ['मारुति', 'मारुति'],
  ['', ''],
])('folds "%s" to "%s"', (name, folded) => {
  expect(fold(name)).toBe(folded)
})

test('an id from names depends on all of them, but not on case and accents', () => {
  expect(idFromNames('Jóga', 'Björk')).toMatch(/^n-[0-9a-f]{16}$/)
  expect(idFromNames('jóga', 'BJORK')).toBe(idFromNames('Jóga', 'Björk'))
  expect(idFromNames('Jóga Björk')).not.toBe(idFromNames('Jóga', 'Björk'))
  expect(idFromNames('Jóga', null)).not.toBe(idFromNames('Jóga', 'Björk'))
})
