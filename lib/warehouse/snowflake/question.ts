import { Stop } from '#lib/core/errors.ts'

const LONGEST_SQL = 64 * 1024

// Texts, quoted names and comments of Snowflake: what stands in them is no SQL.
const SILENT = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/**
 * What one SELECT can do beside reading tables: `->>` goes on with another statement, system functions act on the
 * account, a stage is somebody's files.
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
 * Lets one SELECT pass. The role of the connection may write, so what is asked is judged before it is sent.
 * @throws Stop that names what is not allowed
 */
export function checkQuestion(sql: string): void {
  if (sql.length > LONGEST_SQL) throw refused('is longer than 64 KB')
  const spoken = sql.replaceAll(SILENT, (found) => (/^[-/]/.test(found) ? ' ' : ' x ')).trim()
  if (/['"$]/.test(spoken.replaceAll(/\b[a-z_]\w*\$\w*/gi, ''))) throw refused('has a text without an end')
  if (!/^(select|with)\b/i.test(spoken)) throw refused('must start with SELECT or WITH')
  for (const [pattern, why] of FORBIDDEN) if (pattern.test(spoken)) throw refused(why)
}

function refused(why: string): Stop {
  return new Stop(`The question ${why}`, { remedy: 'Ask with a single SELECT that reads tables of this warehouse.' })
}
