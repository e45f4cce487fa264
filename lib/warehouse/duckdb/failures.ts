import { MINUTE, now } from '#lib/core/clock.ts'
import { Failure, messageOf, Stop, Transient, Wait } from '#lib/core/errors.ts'

interface Rule {
  /** DuckDB 1.5's wording of the error. */
  pattern: RegExp
  failure: (cause: unknown) => Failure
}

// After one of these errors every statement on the open file fails. What was committed is on disk.
const FATAL = /^(FATAL|INTERNAL) Error/

const RULES: Rule[] = [
  {
    pattern: /Could not set lock on file/,
    failure: (cause) =>
      new Wait('The warehouse file is in use by another process', new Date(now().getTime() + MINUTE), {
        remedy: 'Stop the other Tracklake that uses this data folder; the sync resumes by itself.',
        context: { processId: /PID (\d+)/.exec(messageOf(cause))?.[1] },
        cause,
      }),
  },
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    failure: (cause) =>
      new Wait('The disk that holds the warehouses is full', new Date(now().getTime() + 5 * MINUTE), {
        remedy: 'Free some space on it; the sync resumes by itself.',
        cause,
      }),
  },
  {
    pattern:
      /not a valid DuckDB database file|Corrupt|checksum|Serialization Error|database file with version number|Could not read enough bytes|Failure while replaying WAL/,
    failure: damagedFile,
  },
  {
    pattern: /Permission denied|Read-only file system/i,
    failure: (cause) =>
      new Stop('Tracklake has no permission to write the warehouse file', {
        remedy: 'Give the account that runs Tracklake read and write permission on the data folder.',
        cause,
      }),
  },
  {
    pattern: /Out of Memory Error|failed to offload/,
    failure: (cause) =>
      new Stop('The warehouse ran out of memory', {
        remedy: 'Choose a shorter period, or query fewer rows.',
        cause,
      }),
  },
  {
    pattern: FATAL,
    failure: (cause) =>
      new Transient('The warehouse closed after a fatal error', {
        remedy: 'Nothing to do. The next attempt opens it again.',
        cause,
      }),
  },
  {
    pattern: /^(Parser|Binder|Catalog|Conversion|Invalid Input|Out of Range) Error/,
    failure: (cause) =>
      new Stop(`The warehouse cannot run this SQL (${messageOf(cause).split(':')[0]})`, {
        remedy: 'Correct the SQL; the log shows where the error is.',
        cause,
      }),
  },
]

/** The failure of a file that must be rebuilt. */
export function damagedFile(cause?: unknown): Failure {
  return new Stop('The warehouse file is damaged or was written by a newer version', {
    remedy:
      'Open Connections and press "Rebuild". Everything that landed is loaded again, so you don’t have to sync again.',
    context: { damagedFile: true },
    cause,
  })
}

/** Whether the open file is unusable and has to be opened again. */
export function isFatal(error: unknown): boolean {
  const cause = error instanceof Failure ? error.cause : error
  return FATAL.test(messageOf(cause))
}

/** Whether the file itself is damaged, so that only rebuilding it helps. */
export function isDamage({ context }: Failure): boolean {
  return context.damagedFile === true
}

/** Turns an error from DuckDB into a failure with a remedy. Failures pass unchanged. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const message = messageOf(error)
  const rule = RULES.find(({ pattern: says }) => says.test(message))
  return (
    rule?.failure(error) ??
    new Stop('The warehouse failed with an unknown error', {
      remedy: 'Read the cause in the log and try again. If the error persists, report it.',
      cause: error,
    })
  )
}
