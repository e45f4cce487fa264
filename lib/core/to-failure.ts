import { Failure, messageOf, Transient } from './errors.ts'
import { log } from './log.ts'

/**
 * Runs a step of a job. What nobody foresaw, the app database away for example, is repeated like whatever passes; when it
 * stays, its message is shown on the run. The error's own text names queries and files of this program, so it is logged only.
 * @throws Failure
 */
export async function toFailure<T>(context: Record<string, unknown>, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof Failure) throw error
    log.error('a step failed in an unexpected way', { ...context, problem: messageOf(error) })
    throw new Transient('Something unexpected happened in Tracklake; its log has the details', {
      remedy: 'Tracklake tries again. If it stays so, report it with "Copy for a bug report" on the run.',
      context,
    })
  }
}
