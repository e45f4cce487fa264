import { messageOf } from './errors.ts'

type Level = 'info' | 'warn' | 'error'
type Fields = Record<string, unknown>

// Values under these names are never written.
const SECRET = /token|secret|password|authorization|cookie|code_verifier|private_key/i

function safe(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      SECRET.test(name) ? '[hidden]' : value instanceof Error ? messageOf(value) : value,
    ]),
  )
}

function write(level: Level, message: string, fields: Fields = {}): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...safe(fields) })}\n`)
}

/** Structured lines on standard output, one JSON object each. The supervisor stores them under `logs/`. */
export const log = {
  info: (message: string, fields?: Fields) => write('info', message, fields),
  warn: (message: string, fields?: Fields) => write('warn', message, fields),
  error: (message: string, fields?: Fields) => write('error', message, fields),
}
