import { describe, expect, test } from 'vitest'
import { isStorable, toStorable, toStorableJson } from './storable.ts'

describe('text that a store cannot hold', () => {
  test.each([
    ['Nul\0here', 'Nul\ufffdhere'],
    ['\ud83c', '\ufffd'],
    ['\udf0a wave', '\ufffd wave'],
  ])('has U+FFFD in place of the character: %j', (text, storable) => {
    expect(isStorable(text)).toBe(false)
    expect(toStorable(text)).toBe(storable)
    expect(JSON.parse(toStorableJson(JSON.stringify({ [text]: [text] })))).toEqual({ [storable]: [storable] })
  })
})

test.each([
  '',
  'Sigur Rós',
  '🌊',
  'a\tb\r\n',
  '\u0001',
  'a \\u0000 that somebody typed',
  '\\\ud83c\udf0a',
  '\\\\u0000',
])('stays as it is otherwise: %j', (text) => {
  expect(isStorable(text)).toBe(true)
  expect(toStorable(text)).toBe(text)
  expect(JSON.parse(toStorableJson(JSON.stringify([text])))).toEqual([text])
  // Escaped as other writers of JSON do it.
  const escaped = `"${[...text]
    .flatMap((c) => c.split(''))
    .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')}"`
  expect(JSON.parse(toStorableJson(escaped))).toBe(text)
})
