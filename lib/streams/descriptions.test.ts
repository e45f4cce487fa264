import { expect, test } from 'vitest'
import { columnDescriptions, describedTables } from './descriptions.ts'
import { streams } from './index.ts'
import { MUSIC_TABLES } from './music.ts'
import { tablesOf } from './stream.ts'

test('every table and column is described, and nothing else', () => {
  const tables = describedTables
  expect(tables.map(({ name }) => name)).toEqual(
    [...streams.flatMap(tablesOf), ...MUSIC_TABLES].map(({ name }) => name),
  )
  expect(tables.filter(({ description }) => description === '')).toEqual([])
  expect(new Set(tables.map(({ title }) => title)).size).toBe(tables.length)
  const columns = new Set(tables.flatMap((table) => Object.keys(table.columns)))
  expect(Object.keys(columnDescriptions).sort()).toEqual([...columns].sort())
})
