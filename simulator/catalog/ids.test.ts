import { expect, test } from 'vitest'
import { idOf, indexOf } from './ids.ts'

const EDGES = [0, 1, 61, 62, 100_000, 2 ** 31, 2 ** 32 - 1]

test.each(EDGES)('turns index %i into 22 base-62 characters and back', (index) => {
  const id = idOf(5, 'track', index)
  expect(id).toMatch(/^[0-9A-Za-z]{22}$/)
  expect(indexOf(5, 'track', id)).toBe(index)
})

test('rejects an id of another seed or kind, or with a changed character', () => {
  const id = idOf(5, 'track', 42)
  expect(indexOf(6, 'track', id)).toBeUndefined()
  expect(indexOf(5, 'album', id)).toBeUndefined()
  expect(indexOf(5, 'track', `${id.slice(0, -1)}${id.endsWith('a') ? 'b' : 'a'}`)).toBeUndefined()
  expect(indexOf(5, 'track', 'not an id')).toBeUndefined()
})

test('gives ten thousand things ten thousand different ids', () => {
  expect(new Set(Array.from({ length: 10_000 }, (_, index) => idOf(1, 'album', index))).size).toBe(10_000)
})
