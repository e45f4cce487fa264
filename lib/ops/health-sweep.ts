import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { notifyOpenRuns } from '#lib/notifications/notify-run.ts'
import { plannedAt, recordPlanned } from '#lib/planning.ts'
import { watchLongRuns } from './long-runs.ts'
import { watchStale } from './stale-watch.ts'

/** Runs with each planning tick: sends alerts about late polls and long runs, and records that planning works. */
export async function sweepHealth(at: Date): Promise<void> {
  const last = await plannedAt()
  await watchStale(at, last).catch((error) =>
    log.error('late polls could not be checked', { problem: messageOf(error) }),
  )
  await watchLongRuns(at).catch((error) => log.error('long runs could not be checked', { problem: messageOf(error) }))
  await notifyOpenRuns(at).catch((error) =>
    log.error('no alert was opened for runs in progress', { problem: messageOf(error) }),
  )
  await recordPlanned(at)
}
