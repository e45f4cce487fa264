import { HOUR, MINUTE } from '#lib/core/clock.ts'
import type { Wait } from '#lib/core/errors.ts'
import { db, type StreamRun } from '#lib/db.ts'
import { addLogLine } from '#lib/runs/runs.ts'

/** So many pauses in a row are short. */
const SHORT_PAUSES = 4
const FIRST_LONG_PAUSE_MS = 5 * MINUTE
const LONGEST_PAUSE_MS = 2 * HOUR

/**
 * Short pauses that Spotify asks for are made. When no page came between several of them the next one is longer, and
 * doubles each time: what asks again every few seconds without end is seen by nobody and costs thousands of jobs a day.
 */
export async function laterEachTime({ id }: StreamRun, { until, message }: Wait): Promise<Date> {
  const landed = await db().landedObject.findFirst({
    where: { read: { streamRunId: id } },
    orderBy: { landedAt: 'desc' },
    select: { landedAt: true },
  })
  const pauses = await db().streamRunLine.count({
    where: { streamRunId: id, message: { startsWith: message }, ...(landed ? { at: { gt: landed.landedAt } } : {}) },
  })
  if (pauses < SHORT_PAUSES) {
    await addLogLine(id, 'info', `${message}, until ${until.toISOString()}.`)
    return until
  }
  const pauseMs = Math.min(FIRST_LONG_PAUSE_MS * 2 ** (pauses - SHORT_PAUSES), LONGEST_PAUSE_MS)
  return new Date(Math.max(until.getTime(), Date.now() + pauseMs))
}
