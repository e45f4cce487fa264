import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { SQL_LIMITS } from './limits.ts'
import { FILE_FORMATS, SQL_OUTCOMES } from './lists.ts'
import { Time } from './shapes.ts'
import { MEDIA_TYPES } from './tables.ts'

/** SQL that a listener types, and queries that they save. It runs on a read-only snapshot of their built-in warehouse. */

const SqlCell = z
  .union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.unknown()),
    z.record(z.string(), z.unknown()).describe('A STRUCT'),
  ])
  .describe(
    `Times as ISO 8601. Integers that JSON numbers can’t hold are texts. Texts end after ${SQL_LIMITS.cellCharacters.toLocaleString('en')} characters with "…"`,
  )
export type SqlCell = z.infer<typeof SqlCell>

export const SqlResult = z
  .strictObject({
    columns: z.array(
      z.strictObject({ name: z.string(), type: z.string().describe('As DuckDB calls it, for example BIGINT') }),
    ),
    rows: z.array(z.array(SqlCell)).describe('The cells of each row, in the order of the columns'),
    truncated: z
      .boolean()
      .describe(`The query has more rows. At most ${SQL_LIMITS.rows.toLocaleString('en')} rows or 5 MB are returned`),
    ms: z.int().describe('How long the query took'),
  })
  .meta({ id: 'SqlResult' })
export type SqlResult = z.infer<typeof SqlResult>

/** The values of named parameters; DuckDB converts them to the type that the query needs. */
const Params = z.record(z.string().max(100), z.string().max(SQL_LIMITS.parameterCharacters))

/** 64 kB are checked by the service, with a message of its own; escaped as JSON they can be longer. */
const MAX_BODY_BYTES = 4 * SQL_LIMITS.bytes
const Sql = z.string().describe('One SELECT or EXPLAIN in DuckDB’s SQL, up to 64 kB')
const Format = z.enum(FILE_FORMATS)

const SqlQuery = z.object({
  sql: Sql.min(1, 'Type a query.'),
  params: Params.default({}).describe('Values for $name in the query'),
  format: Format.optional().describe('Return a file with all rows instead, up to 50 MB'),
})
export type SqlQuery = z.input<typeof SqlQuery>

/** The refusals of whatever runs a query. */
const OF_QUERIES = [
  'bad-sql',
  'wrong-parameter',
  'no-copy',
  'nothing-loaded',
  'query-cancelled',
  'being-deleted',
  'too-slow',
  'too-much-memory',
  'result-too-large',
  'busy',
] as const

export const runSql = defineEndpoint({
  method: 'POST',
  path: '/api/sql',
  summary: 'Run one query on your tables',
  access: 'listener',
  body: SqlQuery,
  maxBodyBytes: MAX_BODY_BYTES,
  limit: 'sql',
  response: SqlResult,
  files: Object.values(MEDIA_TYPES),
  errors: [...OF_QUERIES, 'too-large'],
})

export const cancelSql = defineEndpoint({
  method: 'POST',
  path: '/api/sql/cancel',
  summary: 'Cancel your queries, running and waiting ones',
  access: 'listener',
  response: z.strictObject({ cancelled: z.int().describe('How many there were') }).meta({ id: 'CancelledQueries' }),
})

const SqlRun = z
  .strictObject({
    id: z.string(),
    sql: z.string(),
    startedAt: Time,
    ms: z.int().describe('How long it took'),
    outcome: z.enum(SQL_OUTCOMES),
    rows: z.int().nullable().describe('How many were returned; null unless done'),
    truncated: z.boolean(),
    message: z.string().nullable().describe('Why it failed'),
  })
  .meta({ id: 'SqlRun' })
export type SqlRun = z.infer<typeof SqlRun>

export const SqlHistoryResponse = z
  .strictObject({ runs: z.array(SqlRun).describe(`The last ${SQL_LIMITS.history}, newest first`) })
  .meta({ id: 'SqlHistoryResponse' })
export type SqlHistoryResponse = z.infer<typeof SqlHistoryResponse>

export const getSqlHistory = defineEndpoint({
  method: 'GET',
  path: '/api/sql/history',
  summary: 'The queries that you ran last on the SQL page',
  access: 'listener',
  response: SqlHistoryResponse,
})

export const clearSqlHistory = defineEndpoint({
  method: 'DELETE',
  path: '/api/sql/history',
  summary: 'Forget the queries that you ran',
  access: 'listener',
  response: SqlHistoryResponse,
})

export const SavedQuery = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    sql: z.string(),
    parameters: z.array(z.string()).describe('The names of its parameters, without $'),
    createdAt: Time,
    updatedAt: Time,
    lastRunAt: Time.nullable().describe('By its name; accurate to the minute'),
  })
  .meta({ id: 'SavedQuery' })
export type SavedQuery = z.infer<typeof SavedQuery>

export const SavedQueriesResponse = z
  .strictObject({
    queries: z.array(SavedQuery).describe('By name'),
    most: z.int().describe('Maximum number of saved queries per listener'),
  })
  .meta({ id: 'SavedQueriesResponse' })
export type SavedQueriesResponse = z.infer<typeof SavedQueriesResponse>

export const SavedQueryForm = z.object({
  id: z.string().max(64).optional().describe('Of the query to change; without it, a new one is saved'),
  name: z
    .string()
    .trim()
    .min(1, 'Enter a name.')
    .max(60, 'At most 60 characters.')
    .regex(/^[\p{L}\p{M}\p{N}_-]+$/u, 'Letters, digits, - and _ only, because scripts call it by this name.'),
  description: z.string().trim().max(500, 'At most 500 characters.').default(''),
  sql: Sql.refine((sql) => sql.trim() !== '', 'Type a query.'),
})
export type SavedQueryForm = z.input<typeof SavedQueryForm>

export const getQueries = defineEndpoint({
  method: 'GET',
  path: '/api/queries',
  summary: 'Your saved queries',
  access: { token: 'run saved queries' },
  response: SavedQueriesResponse,
})

export const saveQuery = defineEndpoint({
  method: 'POST',
  path: '/api/queries',
  summary: 'Save a query, or change a saved one',
  access: 'listener',
  body: SavedQueryForm,
  maxBodyBytes: MAX_BODY_BYTES,
  response: SavedQuery,
  errors: ['bad-sql', 'too-large', 'unknown-query', 'name-taken', 'too-many-queries'],
})

export const deleteQuery = defineEndpoint({
  method: 'DELETE',
  path: '/api/queries',
  summary: 'Delete a saved query and return the remaining ones',
  access: 'listener',
  body: z.object({ id: z.string().max(64) }),
  response: SavedQueriesResponse,
  errors: ['unknown-query'],
})

export const runQuery = defineEndpoint({
  method: 'GET',
  path: '/api/queries/[name]',
  summary: 'Run a saved query; every other query parameter is the value of the one with that name',
  access: { token: 'run saved queries' },
  query: z
    .object({ format: Format.optional().describe('A file with all rows, up to 50 MB, instead of the first 10,000') })
    .catchall(z.string().max(SQL_LIMITS.parameterCharacters)),
  limit: 'sql',
  response: SqlResult,
  files: Object.values(MEDIA_TYPES),
  errors: [...OF_QUERIES, 'unknown-query'],
})
