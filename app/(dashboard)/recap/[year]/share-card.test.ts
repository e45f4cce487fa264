import { expect, test } from 'vitest'
import { shortened } from './share-card.ts'

const upTo = (length: number) => (text: string) => [...new Intl.Segmenter().segment(text)].length <= length

test.each([
  ['Short', 10, 'Short'],
  ['A song with a long name', 10, 'A song wi…'],
  // No space before the ellipsis.
  ['A song with', 8, 'A song…'],
  ['أغنية طويلة جدا', 6, 'أغنية…'],
  // A family is one character.
  ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 2, '👨‍👩‍👧‍👦…'],
  ['x', 0, '…'],
  ['', 0, ''],
])('%j in %i characters is %j', (text, length, expected) => {
  expect(shortened(text, upTo(length))).toBe(expected)
})
