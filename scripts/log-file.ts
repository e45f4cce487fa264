import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs'

/** A file of limited size for the output of a child process. */
export interface LogFile {
  readonly path: string
  write(chunk: Buffer): void
}

const MEGABYTE = 1024 * 1024

/** @param maxBytes at this size the file is renamed to `<path>.1`, replacing an older one, and a new one is started */
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
        // The app must continue even if its log can't be written.
      }
    },
  }
}

interface LogLine {
  level?: unknown
  message?: unknown
  error?: unknown
}

/** The message of a warning or an error, for the console. @returns undefined for all other lines */
export function consoleLine(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { level, message, error } = JSON.parse(line) as LogLine
    if (level !== 'warn' && level !== 'error') return undefined
    return [message, error].filter((part) => typeof part === 'string').join(': ')
  } catch {
    return undefined // another program's line that starts with a brace
  }
}
