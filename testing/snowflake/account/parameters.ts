import { SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'
import type { Cursor } from '#testing/snowflake/sql/tokens.ts'

/** The parameters of sessions with Snowflake's defaults, as text. */
const DEFAULTS: Record<string, string> = {
  ABORT_DETACHED_QUERY: 'FALSE',
  AUTOCOMMIT: 'TRUE',
  BINARY_INPUT_FORMAT: 'HEX',
  BINARY_OUTPUT_FORMAT: 'HEX',
  DATE_INPUT_FORMAT: 'AUTO',
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  DEFAULT_NULL_ORDERING: 'LAST',
  ERROR_ON_NONDETERMINISTIC_MERGE: 'TRUE',
  ERROR_ON_NONDETERMINISTIC_UPDATE: 'FALSE',
  JSON_INDENT: '2',
  LOCK_TIMEOUT: '43200',
  QUOTED_IDENTIFIERS_IGNORE_CASE: 'FALSE',
  ROWS_PER_RESULTSET: '0',
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: '0',
  STATEMENT_TIMEOUT_IN_SECONDS: '172800',
  STRICT_JSON_OUTPUT: 'FALSE',
  TIMESTAMP_DAY_IS_ALWAYS_24H: 'FALSE',
  TIMESTAMP_INPUT_FORMAT: 'AUTO',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_NTZ',
  TIMEZONE: 'America/Los_Angeles',
  TIME_INPUT_FORMAT: 'AUTO',
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
  TRANSACTION_ABORT_ON_ERROR: 'FALSE',
  USE_CACHED_RESULT: 'TRUE',
  WEEK_OF_YEAR_POLICY: '0',
  WEEK_START: '0',
}

/** Parameters of an account that its new tables take over. */
const OBJECT_PARAMETERS = ['DEFAULT_DDL_COLLATION']

export type Parameters = Map<string, string>

/** The value of a parameter: the first of these that sets it, else Snowflake's default. */
export function parameterOf(name: string, ...from: Parameters[]): string {
  return from.find((one) => one.has(name))?.get(name) ?? DEFAULTS[name] ?? ''
}

export const isSessionParameter = (name: string) => Object.hasOwn(DEFAULTS, name)
export const SESSION_PARAMETER_NAMES = Object.keys(DEFAULTS)

/** Reads `NAME = value, …` up to the end. @throws SnowflakeFailure for an unknown parameter */
export function takeParameters(cursor: Cursor, into: Parameters, { ofAccount = false } = {}): void {
  while (!cursor.done) {
    const name = cursor.name()
    if (!isSessionParameter(name) && !(ofAccount && OBJECT_PARAMETERS.includes(name)))
      throw new SnowflakeFailure('001006', `SQL compilation error:\ninvalid parameter '${name}'`)
    cursor.expect('=')
    const { kind, text } = cursor.next()
    into.set(name, kind === 'word' ? text.toUpperCase() : text)
    cursor.takes(',')
  }
}
