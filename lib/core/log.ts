type Level = 'info' | 'warn' | 'error'
type Fields = Record<string, unknown>

// Values under these names are never written, at any depth.
const SECRET = /token|secret|password|authorization|cookie|code_verifier|private_key|signing.?key/i
const HIDDEN = '[hidden]'
/** Credentials inside a text, such as the address of a database in the message of a driver. */
const CREDENTIALS = /(\w+:\/\/[^\s:/@]*:)[^\s@]+@|(\b(?:Bearer|Basic) )[\w.~+/=-]+/gi
const MAX_DEPTH = 5
const MAX_TEXT_LENGTH = 8_000

function safe(value: unknown, depth = 0): unknown {
  if (typeof value === 'string')
    return value
      .slice(0, MAX_TEXT_LENGTH)
      .replace(CREDENTIALS, (_, url = '', scheme = '') => (url ? `${url}${HIDDEN}@` : `${scheme}${HIDDEN}`))
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value
  if (depth === MAX_DEPTH) return '[more]'
  if (value instanceof Error) return safe(errorFields(value), depth)
  if (Array.isArray(value)) return value.map((entry) => safe(entry, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET.test(name) ? HIDDEN : safe(inner, depth + 1)]),
  )
}

/** The message, stack and cause of an error, which JSON.stringify omits. */
function errorFields({ name, message, stack, cause, ...others }: Error): Fields {
  return { name, message, ...others, stack, ...(cause === undefined ? {} : { cause }) }
}

function write(level: Level, message: string, fields: Fields = {}): void {
  const line = { at: new Date().toISOString(), level, message, ...(safe(fields) as Fields) }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Structured lines on standard output, one JSON object each. The supervisor stores them under `logs/`. */
export const log = {
  info: (message: string, fields?: Fields) => write('info', message, fields),
  warn: (message: string, fields?: Fields) => write('warn', message, fields),
  error: (message: string, fields?: Fields) => write('error', message, fields),
}
