import { Dialect, parse } from '@polyglot-sql/sdk'
import { SnowflakeFailure } from './failure.ts'

// Statements that Snowflake documents and the grammar does not know; ours takes them in this one form only.
const UNKNOWN_TO_IT = /^SHOW GRANTS TO ROLE "(?:[^"]|"")+"$/

// One text comes many times with other values and names in quotes; its parse is the same.
const KEPT = 500
const parsed = new Set<string>()

/**
 * Whether an independent grammar of Snowflake takes a statement: what our own translation understands could still be
 * no SQL of Snowflake.
 */
export function checkGrammar(sql: string): void {
  const form = sql.replaceAll(/"(?:[^"]|"")*"/g, '""')
  if (parsed.has(form) || UNKNOWN_TO_IT.test(sql)) return
  const result = parse(sql, Dialect.Snowflake)
  if (!result.success) throw new SnowflakeFailure('001003', `SQL compilation error:\n${result.error}`)
  if (parsed.size >= KEPT) parsed.clear()
  parsed.add(form)
}
