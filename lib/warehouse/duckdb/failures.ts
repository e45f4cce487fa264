import { MINUTE, now } from '#lib/core/clock.ts'
import { Failure, messageOf, Stop, Transient, Wait } from '#lib/core/errors.ts'

interface Rule {
  /** How DuckDB 1.5 words the error. */
  says: RegExp
  failure: (cause: unknown) => Failure
}

// After one of these every further statement on the open file fails; the disk holds what was committed.
const FATAL = /^(FATAL|INTERNAL) Error/

const RULES: Rule[] = [
  {
    says: /Could not set lock on file/,
    failure: (cause) =>
      new Wait('The warehouse file is in use by another process', new Date(now().getTime() + MINUTE), {
        remedy: 'Stop the other Tracklake that works on this data folder; the run continues by itself.',
        context: { processId: /PID (\d+)/.exec(messageOf(cause))?.[1] },
        cause,
      }),
  },
  {
    says: /No space left on device|Disk quota exceeded/i,
    failure: (cause) =>
      new Wait('The disk that holds the warehouses is full', new Date(now().getTime() + 5 * MINUTE), {
        remedy: 'Free some space on it; the run continues by itself.',
        cause,
      }),
  },
  {
    says: /not a valid DuckDB database file|Corrupt|checksum|Serialization Error|database file with version number/,
    failure: (cause) =>
      new Stop('The warehouse file is damaged or was written by a newer version', {
        remedy:
          'Stop Tracklake, move the file and its .wal away, start again: everything landed is loaded anew by itself.',
        cause,
      }),
  },
  {
    says: /Permission denied|Read-only file system/i,
    failure: (cause) =>
      new Stop('The warehouse file may not be written', {
        remedy: 'Give the account that runs Tracklake read and write permission on the data folder.',
        cause,
      }),
  },
  {
    says: /Out of Memory Error|failed to offload/,
    failure: (cause) =>
      new Stop('The warehouse ran out of the memory it may use', {
        remedy: 'Ask for fewer rows or a shorter period.',
        cause,
      }),
  },
  {
    says: FATAL,
    failure: (cause) =>
      new Transient('The warehouse closed itself after a fatal error', {
        remedy: 'Nothing to do. It is opened again with the next try.',
        cause,
      }),
  },
  {
    says: /^(Parser|Binder|Catalog|Conversion|Invalid Input|Out of Range) Error/,
    failure: (cause) =>
      new Stop(`The warehouse cannot run this SQL (${messageOf(cause).split(':')[0]})`, {
        remedy: 'Correct the SQL: the cause names the place.',
        cause,
      }),
  },
]

/** Whether the open file can no longer be used and has to be opened again. */
export function isFatal(thrown: unknown): boolean {
  const cause = thrown instanceof Failure ? thrown.cause : thrown
  return FATAL.test(messageOf(cause))
}

/** Turns what DuckDB throws into a failure that says what to do; failures pass unchanged. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const message = messageOf(thrown)
  const rule = RULES.find(({ says }) => says.test(message))
  return (
    rule?.failure(thrown) ??
    new Stop('The warehouse failed in an unknown way', {
      remedy: 'Read the cause in the log and re-run; tell the maintainers if it stays.',
      cause: thrown,
    })
  )
}
