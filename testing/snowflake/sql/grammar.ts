import { Dialect, parse } from '@polyglot-sql/sdk'
import { SnowflakeFailure } from './failure.ts'

// Statements that Snowflake documents but the grammar doesn't know. Only these forms are accepted.
const UNKNOWN_TO_IT = [
  /^SHOW GRANTS (?:TO|OF) ROLE "(?:[^"]|"")+"$/,
  /^SHOW GRANTS ON SCHEMA "(?:[^"]|"")+"\."(?:[^"]|"")+"$/,
  /^DROP (?:USER|ROLE) "(?:[^"]|"")+"$/,
  // It knows only schemas without a database.
  /^DROP SCHEMA "(?:[^"]|"")+"\."(?:[^"]|"")+"$/,
  /^DROP RESOURCE MONITOR IF EXISTS "(?:[^"]|"")+"$/,
]

// A clause of CREATE TABLE that Snowflake documents but the grammar doesn't know.
const UNKNOWN_CLAUSE = / DEFAULT_DDL_COLLATION = ''(?= COMMENT = '[^']*'$)/

// Many statements differ only in values and quoted names, and parse the same.
const MAX_PARSED = 500
const parsed = new Set<string>()

/**
 * Checks a statement with an independent grammar of Snowflake, because our own translation may understand SQL that
 * Snowflake does not.
 * @throws SnowflakeFailure for a syntax error
 */
export function checkGrammar(sql: string): void {
  const form = sql.replaceAll(/"(?:[^"]|"")*"/g, '""')
  if (/\bJOIN TABLE\(/i.test(form))
    throw new SnowflakeFailure(
      '000002',
      "Unsupported feature 'lateral table function called with OUTER JOIN syntax or a join predicate (ON clause)'.",
      '0A000',
    )
  if (parsed.has(form) || UNKNOWN_TO_IT.some((documented) => documented.test(sql))) return
  const result = parse(sql.replace(UNKNOWN_CLAUSE, ''), Dialect.Snowflake)
  if (!result.success) throw new SnowflakeFailure('001003', `SQL compilation error:\n${result.error}`)
  if (parsed.size >= MAX_PARSED) parsed.clear()
  parsed.add(form)
}
