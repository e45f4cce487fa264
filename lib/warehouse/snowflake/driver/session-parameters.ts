import { Failure, Stop } from '#lib/core/errors.ts'
import { exact, type Sql } from '#lib/warehouse/snowflake/sql.ts'
import type { Result } from './driver.ts'
import { endsSession } from './failures.ts'
import { rowsOf } from './result-cells.ts'

/**
 * The parameters our statements rely on. An admin can change each of these for the account or the user
 * (https://docs.snowflake.com/en/sql-reference/parameters), so every session sets them.
 */
export const SESSION_PARAMETERS = {
  // Otherwise everything a session wrote is rolled back when it ends.
  AUTOCOMMIT: true,
  // An abandoned statement must not keep running for long beside its retry.
  ABORT_DETACHED_QUERY: true,
  LOCK_TIMEOUT: 60,
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: 120,
  TRANSACTION_ABORT_ON_ERROR: true,
  // Two rows for one key are an error.
  ERROR_ON_NONDETERMINISTIC_MERGE: true,
  ERROR_ON_NONDETERMINISTIC_UPDATE: true,
  // Quoted names are case-sensitive.
  QUOTED_IDENTIFIERS_IGNORE_CASE: false,
  // The formats of values.
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

type Parameter = keyof typeof SESSION_PARAMETERS
const NAMES = Object.keys(SESSION_PARAMETERS) as Parameter[]

function assignment(name: Parameter): string {
  const value = SESSION_PARAMETERS[name]
  return `${name} = ${typeof value === 'string' ? `'${value}'` : String(value).toUpperCase()}`
}

const alterSession = (names: Parameter[]): Sql => ({
  text: `ALTER SESSION SET ${names.map(assignment).join(', ')}`,
  values: [],
})

const SHOW_PARAMETERS: Sql = { text: 'SHOW PARAMETERS IN SESSION', values: [] }

/**
 * Sets them with the first statement of a session. If the account refuses it, each is set alone: one that is refused, or
 * that the account doesn't have, does no harm as long as its value isn't another one.
 * @param execute throws failures
 * @throws Stop for a parameter that is refused and has another value
 */
export async function setParameters(user: string, execute: (statement: Sql) => Promise<Result>): Promise<void> {
  try {
    await execute(alterSession(NAMES))
  } catch (error) {
    if (!isRefusal(error)) throw error
    await setEachAlone(user, execute)
  }
}

async function setEachAlone(user: string, execute: (statement: Sql) => Promise<Result>): Promise<void> {
  const refused: Parameter[] = []
  for (const name of NAMES) {
    await execute(alterSession([name])).catch((error: unknown) => {
      if (!isRefusal(error)) throw error
      refused.push(name)
    })
  }
  if (refused.length === 0) return
  const shown = rowsOf(await execute(SHOW_PARAMETERS))
  const shownValue = (name: Parameter) => shown.find(({ key }) => key === name)?.value
  const wrong = refused.find((name) => {
    const value = shownValue(name)
    return value !== undefined && String(value).toLowerCase() !== String(SESSION_PARAMETERS[name]).toLowerCase()
  })
  if (wrong === undefined) return
  throw new Stop(`The account has ${wrong} = ${shownValue(wrong)} and refuses to change it for a session`, {
    remedy: `Run as an admin of the account: ALTER USER ${exact(user).text} SET ${assignment(wrong)}`,
    context: { kind: 'needs you', check: 'sign-in' },
  })
}

/** A dead session or a slow response says nothing about parameters. */
function isRefusal(error: unknown): boolean {
  return error instanceof Failure && error.recovery === 'stop' && !endsSession(error)
}
