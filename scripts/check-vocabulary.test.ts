import { describe, expect, test } from 'vitest'
import { findUses, readVocabulary } from './check-vocabulary.ts'

const vocabulary = readVocabulary()

/** What is found in a source, as `line found`. */
const uses = (source: string, file = 'lib/example.ts') =>
  findUses(file, source, vocabulary).map(({ line, found }) => `${line} ${found}`)

test('names file, line, word and what to write instead', () => {
  expect(findUses('lib/example.ts', '\nconst deedCount = 1', vocabulary)).toEqual([
    { file: 'lib/example.ts', line: 2, found: 'deed', instead: 'action' },
  ])
})

describe('finds', () => {
  test('words in identifiers, however they are spelled', () => {
    expect(uses('const lastDeed = DEED_LOG[`deed-name`]\ninterface DeedRow {}')).toEqual([
      '1 Deed',
      '1 DEED',
      '1 deed',
      '2 Deed',
    ])
  })

  test('identifiers where they are declared, used, destructured, typed and rendered', () => {
    const lines = [
      "import { faceOf as metadata } from './charts.ts'",
      'const MOST_ROWS = 5',
      'function show({ thrown }: { thrown: Error }) {',
      '  return <Panel said={runWords(thrown)}>It is late</Panel>',
      '}',
    ]
    expect(uses(lines.join('\n'), 'app/example.tsx')).toEqual([
      '1 faceOf',
      '2 MOST_ROWS',
      '3 thrown',
      '3 thrown',
      '4 said',
      '4 runWords',
      '4 thrown',
    ])
  })

  test('identifiers behind comments and letters of more than one byte, whatever was parsed before', () => {
    uses('const before = 1')
    expect(uses('// “häd”\n\nconst a = "é"\nconst askApp = a\n// end')).toEqual(['4 askApp'])
  })

  test('words and phrases in comments, also across lines', () => {
    expect(uses('/**\n * Ends a run\n * under way for whoever asks.\n */')).toEqual(['2 run under way', '3 whoever'])
    expect(uses('// It will look\n// at recently played.')).toEqual(['1 look at recently played'])
    expect(uses('model Alert { // begins anew\n}', 'prisma/schema.prisma')).toEqual(['1 anew'])
  })

  test('words, phrases and headings in documents', () => {
    const lines = ['# The end', '', 'Names parted by', 'commas. **The end** of a list, lest it moves.']
    expect(uses(lines.join('\n'), 'docs/example.md')).toEqual(['1 The end', '3 parted by', '4 lest', '4 The end'])
  })

  test('labels, sentences and words in what people see', () => {
    const lines = [
      "const title = 'The end'",
      'const page = (',
      '  <h2>',
      '    The end',
      '  </h2>',
      ')',
      'const hint = `The run is under way. The consent is over.`',
    ]
    expect(uses(lines.join('\n'), 'app/example.tsx')).toEqual([
      '1 The end',
      '4 The end',
      '7 run is under way',
      '7 consent is over',
    ])
  })

  test('names of files', () => {
    expect(uses('', 'app/deeds.module.css')).toEqual(['0 deeds'])
    expect(uses('.rail .deed {}', 'app/example.module.css')).toEqual(['1 rail', '1 deed'])
  })

  test.for(Object.keys(vocabulary.words))('the word "%s"', (word) => {
    expect(uses(`A ${word}.`, 'docs/example.md')).toEqual([`1 ${word}`])
  })

  test.for(Object.keys(vocabulary.labels))('the label "%s"', (label) => {
    expect(uses(`<Button>${label}</Button>`, 'app/example.css')).toContain(`1 ${label}`)
  })
})

describe('leaves alone', () => {
  test('the words of HTML, git and JavaScript', () => {
    const lines = [
      'const page = <head><title>At the end of the day</title></head>',
      "const commit = await git('rev-parse', 'HEAD')",
      'const all = { ...defaults, ...options }',
      '// Spread the object: its head comes first, as git HEAD does.',
      'const place = list.at(-1)',
    ]
    expect(uses(lines.join('\n'), 'app/example.tsx')).toEqual([])
  })

  test('settings, error codes and fields that others depend on', () => {
    expect(uses('SERVE_FROM=connected\nLANDING_URL=', '.env.example')).toEqual([])
    expect(uses("throw new Refused(409, 'read-lately', { troubles, telling, underWay })")).toEqual([])
    expect(uses("const STATES = { given: 'connected' }\nconst given = STATES")).toEqual(['2 given'])
  })

  test('identifiers in comments and strings, where they are ordinary words', () => {
    expect(uses("// Asked for a trouble-free answer.\nconst label = 'It asked for words'")).toEqual([])
  })

  test('words that only contain a listed one', () => {
    expect(uses('indeed, recommended, a trailer, outdoors, a guardrail', 'docs/example.md')).toEqual([])
    expect(uses('The value is over 30. A run overlaps. The consent is overdue.', 'docs/example.md')).toEqual([])
    expect(uses("const password = returned(answered, settled, 'The end of the list')")).toEqual([])
  })
})
