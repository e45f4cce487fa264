import { expect, test } from 'vitest'
import { identifierOf, identifierText } from './identifier.ts'

test.for<[string, string, string]>([
  ['tracklake_role', 'TRACKLAKE_ROLE', 'TRACKLAKE_ROLE'],
  [' Raw ', 'RAW', 'RAW'],
  ['_a$1', '_A$1', '_A$1'],
  ['"my schema"', 'my schema', '"my schema"'],
  ['"a""b"', 'a"b', '"a""b"'],
  ['"RAW"', 'RAW', 'RAW'],
  ['"raw"', 'raw', '"raw"'],
  ['"日本"', '日本', '"日本"'],
])('%s is the name %s', ([typed, name, text]) => {
  expect(identifierOf(typed)).toEqual({ ok: true, name })
  expect(identifierText(name)).toBe(text)
  expect(identifierOf(text)).toEqual({ ok: true, name })
})

test.for([
  '',
  ' ',
  '1abc',
  'my schema',
  'a-b',
  'a"b',
  '"a"b"',
  '""',
  '"',
  'a\u0000',
  '"a\nb"',
  'ä',
  'a;b',
  `x`.repeat(256),
])('%j is refused with a sentence', (typed) => {
  expect(identifierOf(typed)).toEqual({ ok: false, problem: expect.stringMatching(/\.$/) })
})
