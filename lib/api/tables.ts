import { z } from 'zod'
import { type ColumnType, SCHEMAS } from '#lib/core/table.ts'
import { defineEndpoint } from './endpoint.ts'
import { FILE_FORMATS, type FileFormat } from './lists.ts'
import { Time } from './shapes.ts'

/** The tables of the embedded copy, and their rows as files. */

const COLUMN_TYPES = [
  'text',
  'integer',
  'double',
  'boolean',
  'timestamp',
  'date',
  'json',
] as const satisfies ColumnType[]

/** The file of each format, as its media type names it. */
export const MEDIA_TYPES = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
} as const satisfies Record<FileFormat, string>

export const TableInfo = z
  .strictObject({
    schema: z.enum(SCHEMAS),
    name: z.string(),
    title: z.string(),
    description: z.string(),
    isView: z.boolean().describe('Computed whenever it is read'),
    rows: z.int().nullable().describe('Null for views'),
    bytes: z.int().nullable().describe('About how much of the file; null for views'),
    loadedAt: Time.nullable().describe('When rows were last loaded into it, or into what it is computed from'),
    lastChange: z
      .strictObject({ new: z.int(), changed: z.int(), removed: z.int() })
      .nullable()
      .describe('Rows in the last load into it; null where that is not counted'),
    written: z.int().nullable().describe('Rows that the last build wrote to it; null for raw tables and views'),
    key: z.array(z.string()).describe('The columns that identify a row; empty if unknown'),
    streams: z.array(z.string()).describe('What is synced or imported into it'),
    reads: z.array(z.string()).describe('The tables that it is computed from, as schema.name'),
    readBy: z.array(z.string()).describe('The tables that are computed from it'),
    charts: z.array(z.strictObject({ name: z.string(), title: z.string() })).describe('The charts that query it'),
    columns: z.array(
      z.strictObject({
        name: z.string(),
        type: z.enum(COLUMN_TYPES),
        description: z.string().describe('Can be empty'),
      }),
    ),
  })
  .meta({ id: 'TableInfo' })
export type TableInfo = z.infer<typeof TableInfo>

export const TablesResponse = z
  .strictObject({
    tables: z.array(TableInfo),
    publishedAt: Time.nullable().describe('When they were last published as files; null if never'),
  })
  .meta({ id: 'TablesResponse' })
export type TablesResponse = z.infer<typeof TablesResponse>

export const getTables = defineEndpoint({
  method: 'GET',
  path: '/api/tables',
  summary: 'Every table of your built-in warehouse',
  access: { token: 'read tables' },
  limit: 'queries',
  response: TablesResponse,
  errors: ['no-copy'],
})

export const getTable = defineEndpoint({
  method: 'GET',
  path: '/api/tables/[file]',
  summary: `All rows of a table as a file: its name with ${FILE_FORMATS.map((format) => `.${format}`).join(', ')}`,
  access: { token: 'read tables' },
  limit: 'downloads',
  response: z.unknown(),
  files: Object.values(MEDIA_TYPES),
  errors: ['no-copy', 'unknown-table'],
})

export const getExport = defineEndpoint({
  method: 'GET',
  path: '/api/export.zip',
  summary: 'All rows of all tables as one archive, with a description',
  access: { token: 'read tables' },
  query: z.object({ format: z.enum(FILE_FORMATS).default('csv').describe('Of the files in it') }),
  limit: 'downloads',
  response: z.unknown(),
  files: ['application/zip'],
  errors: ['no-copy'],
})
