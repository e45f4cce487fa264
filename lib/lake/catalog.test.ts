import { Dialect, parse } from '@polyglot-sql/sdk'
import { expect, test } from 'vitest'
import { lakePolicy } from '#lib/api/lake-policy.ts'
import type { ColumnType } from '#lib/core/table.ts'
import { type Catalog, type CatalogTable, catalogFiles, EXAMPLE_PLACE } from './catalog.ts'

/** The statements are read by a grammar that shares no code with what writes them. */

const TYPES: ColumnType[] = ['text', 'integer', 'double', 'boolean', 'timestamp', 'date', 'json']

function table(change: Partial<CatalogTable> = {}): CatalogTable {
  return {
    path: 'refined/plays/data.parquet',
    name: 'plays',
    schema: 'raw',
    title: 'Recently played',
    description: 'What each sync found.',
    // Reserved words, and names that have to be quoted.
    columns: [...TYPES, 'select', 'o’brien `s', 'a"b'].map((name, index) => ({
      name,
      type: TYPES[index % TYPES.length] ?? 'text',
      description: "The listener's \\ own\nlines; `quoted`",
    })),
    rows: 3,
    bytes: 4,
    publishedAt: new Date('2026-03-01T00:00:00Z'),
    before: null,
    ...change,
  }
}

const CSV = table({ path: 'transformed_data/song_data/data.csv', name: 'song_data', schema: null })
const PLACE = { bucket: 'my-music', prefix: 'lake/a', region: 'eu-central-1', glueDatabase: 'music' }

const files = (change: Partial<Catalog> = {}) =>
  catalogFiles({ owner: 'me', place: PLACE, tables: [table(), CSV], gone: [], ...change })

test.for([
  ['catalogue/athena.sql', Dialect.Athena, 5],
  ['catalogue/snowflake.sql', Dialect.Snowflake, 4],
] as const)('another parser understands every statement of %s', ([path, dialect, count]) => {
  const parsed = parse(files()[path] ?? '', dialect)
  expect(parsed.error).toBeNull()
  expect(parsed.ast).toHaveLength(count)
})

test('names the bucket, or a place to fill in', () => {
  expect(files()['catalogue/athena.sql']).toContain("LOCATION 's3://my-music/lake/a/refined/plays/'")
  expect(files()['catalogue/athena.sql']).toContain('CREATE EXTERNAL TABLE `music`.`song_data`')
  expect(files({ place: EXAMPLE_PLACE })['catalogue/snowflake.sql']).toContain("URL = 's3://YOUR-BUCKET/tracklake/'")
})

test('says what changed', () => {
  const tables = [
    table(),
    table({ name: 'new', path: 'refined/new/data.parquet', before: {} }),
    table({ name: 'grown', path: 'refined/grown/data.parquet', before: { rows: 1, columns: ['text', 'dropped'] } }),
  ]
  const changes = JSON.parse(files({ tables, gone: ['old'] })['catalogue/changes.json'] ?? '')
  expect(changes).toMatchObject({
    changed: [
      { name: 'new', change: 'new', rows: 3, rowsBefore: null, columnsRemoved: [] },
      { name: 'grown', change: 'changed', rows: 3, rowsBefore: 1, columnsRemoved: ['dropped'] },
    ],
    removed: ['old'],
  })
  expect(changes.changed[1].columnsAdded).not.toContain('text')
})

test('the policy allows one prefix of one bucket, and Glue only on request', () => {
  const policy = (change = {}) => JSON.parse(lakePolicy({ ...PLACE, glueDatabase: null, ...change }))
  expect(policy().Statement.map(({ Resource }: { Resource: string }) => Resource)).toEqual([
    'arn:aws:s3:::my-music/lake/a/*',
    'arn:aws:s3:::my-music',
    'arn:aws:s3:::my-music',
  ])
  expect(policy().Statement[1].Condition).toEqual({ StringLike: { 's3:prefix': 'lake/a/*' } })
  expect(policy({ prefix: '' }).Statement[0].Resource).toBe('arn:aws:s3:::my-music/*')
  expect(policy({ region: 'cn-north-1' }).Statement[0].Resource).toMatch(/^arn:aws-cn:/)
  expect(policy({ glueDatabase: 'music' }).Statement[3].Resource).toContain('arn:aws:glue:eu-central-1:*:table/music/*')
})
