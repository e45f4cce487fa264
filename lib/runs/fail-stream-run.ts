import { db } from '#lib/db.ts'
import { type Attempt, endStreamRun } from './runs.ts'

/**
 * Ends a stream run whose job gave up after its last repetition, unless a newer attempt goes on with it.
 * @returns the run, if it ended with it
 */
export async function failStreamRun({ streamRunId, attempt }: Attempt, problem: string): Promise<string | null> {
  const streamRun = await db().streamRun.findUnique({ where: { id: streamRunId }, select: { runId: true } })
  if (!streamRun) return null
  const remedy = 'What was landed stays. Press "Re-run": it goes on where it stopped.'
  const ended = await endStreamRun(streamRunId, { state: 'failed', problem, remedy }, { attempt })
  return ended ? streamRun.runId : null
}
