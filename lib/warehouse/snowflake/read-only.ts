import { checkLength, refusedQuery } from '#lib/warehouse/check-load.ts'

// Snowflake's strings, quoted names and comments: their content is not SQL.
const QUOTED_OR_COMMENT =
  /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/**
 * What a SELECT can do besides reading tables: `->>` chains another statement, system functions act on the account, and
 * a stage contains files.
 */
const FORBIDDEN: [RegExp, string][] = [
  [/;/, 'must be one statement'],
  [/->>/, 'must be one statement'],
  [/\bsystem\$/i, 'may not call system functions'],
  [/@/, 'may not read stages'],
  [/\bnextval\b/i, 'may not use sequences'],
  [
    /\b(insert|update|delete|merge|copy|put|create|drop|alter|grant|revoke|call|execute|truncate|use|into)\b/i,
    'may only read',
  ],
]

/**
 * Accepts one SELECT. The role of the connection can write, so every query is checked before it is sent.
 * @throws Stop that names what is not allowed
 */
export function checkReadOnly(sql: string): void {
  checkLength(sql)
  const code = sql.replaceAll(QUOTED_OR_COMMENT, (found) => (/^[-/]/.test(found) ? ' ' : ' x ')).trim()
  if (/['"$]/.test(code.replaceAll(/\b[a-z_]\w*\$\w*/gi, ''))) throw refusedQuery('has a string without an end')
  if (!/^(select|with)\b/i.test(code)) throw refusedQuery('must start with SELECT or WITH')
  for (const [pattern, why] of FORBIDDEN) if (pattern.test(code)) throw refusedQuery(why)
}
