import type { ServerResponse } from 'node:http'
import type { Session } from '#testing/snowflake/account/session.ts'
import type { Outcome } from '#testing/snowflake/engine/statement.ts'
import type { SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'
import { sendJson } from './http.ts'
import type { Query } from './queries.ts'

export const VALID_SECONDS = 3600
/** Rows beyond this number are fetched in chunks. */
export const CHUNK_ROWS = 1000

const PARAMETERS = [
  { name: 'TIMEZONE', value: 'America/Los_Angeles' },
  { name: 'TIMESTAMP_OUTPUT_FORMAT', value: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM' },
  { name: 'TIMESTAMP_NTZ_OUTPUT_FORMAT', value: 'YYYY-MM-DD HH24:MI:SS.FF3' },
  { name: 'DATE_OUTPUT_FORMAT', value: 'YYYY-MM-DD' },
  { name: 'CLIENT_STAGE_ARRAY_BINDING_THRESHOLD', value: 65280 },
  { name: 'CLIENT_SESSION_KEEP_ALIVE', value: false },
]

/** The response to a sign-in. */
export function signedIn(session: Session) {
  return { ...tokensOf(session), sessionId: session.id, parameters: PARAMETERS, sessionInfo: infoOf(session) }
}

function tokensOf({ token, masterToken }: Session) {
  return { token, masterToken, validityInSeconds: VALID_SECONDS, masterValidityInSeconds: 4 * VALID_SECONDS }
}

function infoOf({ database, schema, warehouse, role }: Session) {
  return { databaseName: database, schemaName: schema, warehouseName: warehouse, roleName: role }
}

/** The response to a statement. Further rows are fetched from `url`. */
export function dataOf(query: Query, outcome: Outcome, url: string) {
  const { session } = query
  const about = {
    queryId: query.id,
    statementTypeId: outcome.kind,
    version: 1,
    finalDatabaseName: session.database,
    finalSchemaName: session.schema,
    finalWarehouseName: session.warehouse,
    finalRoleName: session.role,
    parameters: PARAMETERS,
  }
  if ('upload' in outcome) return { ...about, ...outcome.upload }
  const { columns, rows } = outcome.result
  const total = rows.length
  const chunks = Array.from({ length: Math.max(0, Math.ceil(total / CHUNK_ROWS) - 1) }, (_, index) => ({
    url: `${url}/chunks/${query.id}/${index + 1}`,
    rowCount: Math.min(CHUNK_ROWS, total - (index + 1) * CHUNK_ROWS),
  }))
  const more = chunks.length > 0 ? { chunks, chunkHeaders: {} } : {}
  const rowset = rows.slice(0, CHUNK_ROWS)
  return { ...about, rowtype: columns, rowset, ...more, total, returned: total, queryResultFormat: 'json' }
}

export function sendFailure(
  response: ServerResponse,
  { code, message, sqlState }: SnowflakeFailure,
  queryId?: string,
): void {
  const data = { errorCode: code, sqlState, ...(queryId === undefined ? {} : { queryId }), type: 'COMPILATION' }
  sendJson(response, { success: false, code, message, data })
}
