import { expect, test } from 'vitest'
import { currentDocs, FILES, parts } from './api-docs.ts'

test.for(FILES)('docs/%s says what the code says; npm run docs writes it', (file) => {
  const { written, current } = currentDocs(file)
  expect(written).toBe(current)
})

test('every part is in one of the files', () => {
  const docs = FILES.map((file) => currentDocs(file).written).join()
  expect(Object.keys(parts).filter((name) => !docs.includes(`<!-- begin ${name} -->`))).toEqual([])
})
