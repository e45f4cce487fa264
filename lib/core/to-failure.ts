import { Failure, messageOf, Transient } from './errors.ts'
import { log } from './log.ts'

/**
 * Runs a step of a job and turns unexpected errors, for example of the app database, into a Transient. The run shows that
 * failure's message. The error's own text can contain queries and file names, so it is only logged.
 * @throws Failure
 */
export async function toFailure<T>(context: Record<string, unknown>, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof Failure) throw error
    log.error('a step failed in an unexpected way', { ...context, problem: messageOf(error) })
    throw new Transient('Something unexpected happened in Tracklake; its log has the details', {
      remedy:
        'Tracklake tries again. If it keeps happening, report it with "Copy for a bug report" on the sync’s page.',
      context,
    })
  }
}
