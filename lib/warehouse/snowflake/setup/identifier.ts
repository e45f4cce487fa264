import type { Schema } from '#lib/core/table.ts'

/** A name as Snowflake stores it, or what is wrong with the input. */
export type Identifier = { ok: true; name: string } | { ok: false; problem: string }

const UNQUOTED = /^[A-Za-z_][A-Za-z0-9_$]*$/
const MAX_LENGTH = 255

/**
 * What an entered name means to Snowflake: without quotes it is folded to upper case, in double quotes it is exact.
 * @returns the name without quotes
 */
export function identifierOf(text: string): Identifier {
  const typed = text.trim()
  if (typed === '') return { ok: false, problem: 'Enter a name.' }
  if (/\p{Cc}/u.test(typed)) return { ok: false, problem: "Names can't contain control characters." }
  if (UNQUOTED.test(typed)) return checkLength(typed.toUpperCase())
  const quoted = /^"((?:[^"]|"")+)"$/.exec(typed)?.[1]
  if (quoted !== undefined) return checkLength(quoted.replaceAll('""', '"'))
  return {
    ok: false,
    problem:
      'Names consist of letters, digits, _ and $ and don\'t start with a digit. If yours is different, put it in "quotes".',
  }
}

/** The text that means exactly this name, with quotes only if it needs them. */
export function identifierText(name: string): string {
  return UNQUOTED.test(name) && name === name.toUpperCase() ? name : `"${name.replaceAll('"', '""')}"`
}

function checkLength(name: string): Identifier {
  return name.length > MAX_LENGTH
    ? { ok: false, problem: `Names have at most ${MAX_LENGTH} characters.` }
    : { ok: true, name }
}

/** Where a listener's tables go, as saved: every name as Snowflake stores it, without quotes. */
export interface SnowflakeAddress {
  /** Normalized, for example `MYORG-MY_ACCOUNT` or `XY12345.EU-WEST-1.AWS`. */
  account: string
  user: string
  role: string
  warehouse: string
  database: string
  /** The schema of raw tables; staging, analytical and reporting use it as a prefix: S_STAGING … */
  schema: string
}

/** What each schema's name adds to that of the raw tables. */
export const SCHEMA_SUFFIXES: Record<Schema, string> = {
  raw: '',
  staging: '_STAGING',
  analytical: '_ANALYTICAL',
  reporting: '_REPORTING',
}
