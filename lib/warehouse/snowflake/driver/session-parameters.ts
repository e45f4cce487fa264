import type { Sql } from '#lib/warehouse/snowflake/sql.ts'

/**
 * What our statements rely on. An admin can change each of these for the account or the user
 * (https://docs.snowflake.com/en/sql-reference/parameters), so every session sets them.
 */
export const SESSION_PARAMETERS = {
  // Otherwise everything a session wrote is rolled back when it ends.
  AUTOCOMMIT: true,
  // An abandoned statement must not go on for long beside the one that repeats it.
  ABORT_DETACHED_QUERY: true,
  LOCK_TIMEOUT: 60,
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: 120,
  TRANSACTION_ABORT_ON_ERROR: true,
  // Two rows for one key are an error, not a choice.
  ERROR_ON_NONDETERMINISTIC_MERGE: true,
  ERROR_ON_NONDETERMINISTIC_UPDATE: true,
  // Names in quotes are exact.
  QUOTED_IDENTIFIERS_IGNORE_CASE: false,
  // How values are written and read.
  TIMEZONE: 'UTC',
  TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_NTZ',
  TIMESTAMP_DAY_IS_ALWAYS_24H: false,
  DATE_INPUT_FORMAT: 'AUTO',
  TIME_INPUT_FORMAT: 'AUTO',
  TIMESTAMP_INPUT_FORMAT: 'AUTO',
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  BINARY_INPUT_FORMAT: 'HEX',
  BINARY_OUTPUT_FORMAT: 'HEX',
  STRICT_JSON_OUTPUT: true,
  JSON_INDENT: 0,
  // Weeks start on Monday and belong to the year of their Thursday (ISO 8601).
  WEEK_START: 1,
  WEEK_OF_YEAR_POLICY: 0,
  DEFAULT_NULL_ORDERING: 'LAST',
  // Results are complete; queries send their own limit.
  ROWS_PER_RESULTSET: 0,
  USE_CACHED_RESULT: true,
} as const satisfies Record<string, string | number | boolean>

/** The first statement of every session. */
export const ALTER_SESSION: Sql = {
  text: `ALTER SESSION SET ${Object.entries(SESSION_PARAMETERS)
    .map(([name, value]) => `${name} = ${typeof value === 'string' ? `'${value}'` : String(value).toUpperCase()}`)
    .join(', ')}`,
  values: [],
}
