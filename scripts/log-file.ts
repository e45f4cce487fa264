import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs'

/** What a child prints, kept in a file of bounded size. */
export interface LogFile {
  readonly path: string
  write(chunk: Buffer): void
}

const MEGABYTE = 1024 * 1024

/** @param maxBytes at this size the file becomes `<path>.1`, over an older one, and a new one begins */
export function openLogFile(path: string, maxBytes = 5 * MEGABYTE): LogFile {
  let size = existsSync(path) ? statSync(path).size : 0
  return {
    path,
    write(chunk) {
      try {
        if (size + chunk.length > maxBytes && size > 0) {
          renameSync(path, `${path}.1`)
          size = 0
        }
        appendFileSync(path, chunk, { mode: 0o600 })
        size += chunk.length
      } catch {
        // A full disk must not end the app over its log.
      }
    },
  }
}

interface LogLine {
  level?: unknown
  message?: unknown
  error?: unknown
}

/** The sentence of a structured line that a person at the console should see; undefined for all others. */
export function consoleLine(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { level, message, error } = JSON.parse(line) as LogLine
    if (level !== 'warn' && level !== 'error') return undefined
    return [message, error].filter((part) => typeof part === 'string').join(': ')
  } catch {
    return undefined // a line of somebody else that begins with a brace
  }
}
