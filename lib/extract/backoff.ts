import { HOUR, MINUTE } from '#lib/core/clock.ts'
import type { Wait } from '#lib/core/errors.ts'
import { db, type StreamRun } from '#lib/db.ts'
import { addLogLine } from '#lib/runs/runs.ts'

/** This many pauses in a row are as short as Spotify requests. */
const SHORT_PAUSES = 4
const FIRST_LONG_PAUSE_MS = 5 * MINUTE
const MAX_PAUSE_MS = 2 * HOUR

/**
 * Backs off when Spotify requests one pause after another and no page lands in between: after a few short ones, each
 * pause is twice as long as the last. Retrying every few seconds forever would cost thousands of jobs a day unnoticed.
 * @returns the end of the pause
 */
export async function backOff({ id, attempt, sentAt }: StreamRun, { until, message }: Wait): Promise<Date> {
  const [counted] = await db().streamRun.updateManyAndReturn({
    // A superseded slice must not lengthen the pauses of the one that took over.
    where: { id, attempt, sentAt },
    data: { pausesInRow: { increment: 1 } },
    select: { pausesInRow: true },
  })
  const longPauses = (counted?.pausesInRow ?? 0) - SHORT_PAUSES
  if (longPauses <= 0) {
    await addLogLine(id, 'info', `${message}, until ${until.toISOString()}.`)
    return until
  }
  const pauseMs = Math.min(FIRST_LONG_PAUSE_MS * 2 ** (longPauses - 1), MAX_PAUSE_MS)
  return new Date(Math.max(until.getTime(), Date.now() + pauseMs))
}
