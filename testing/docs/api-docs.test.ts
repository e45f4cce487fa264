import { expect, test } from 'vitest'
import { currentDocs, parts } from './api-docs.ts'

test.for(['api.md', 'authorisation.md'])('docs/%s says what the contracts say; npm run docs writes it', (file) => {
  const { written, current } = currentDocs(file)
  expect(written).toBe(current)
})

test('every part is in one of the files', () => {
  const docs = currentDocs('api.md').written + currentDocs('authorisation.md').written
  expect(Object.keys(parts).filter((name) => !docs.includes(`<!-- begin ${name} -->`))).toEqual([])
})
