import { db } from '../db.ts'
import { endStreamRun } from './runs.ts'

/**
 * Ends a stream run whose job gave up after its last repetition.
 * @returns the run, if it ended with it
 */
export async function failStreamRun(streamRunId: string, problem: string): Promise<string | null> {
  const streamRun = await db().streamRun.findUnique({ where: { id: streamRunId }, select: { runId: true } })
  if (!streamRun) return null
  const ended = await endStreamRun(streamRunId, {
    state: 'failed',
    problem,
    remedy: 'What was landed stays. Press "Re-run": it goes on where it stopped.',
  })
  return ended ? streamRun.runId : null
}
