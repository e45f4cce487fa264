import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { notePlanned, plannedAt } from '#lib/planning.ts'
import { watchLongRuns } from './long-runs.ts'
import { watchStale } from './stale-watch.ts'

/** What each planning tick does besides planning: looks who is late and what does not end, notes that planning goes on. */
export async function lookRound(at: Date): Promise<void> {
  const last = await plannedAt()
  await watchStale(at, last).catch((thrown) =>
    log.error('recently played could not be watched', { problem: messageOf(thrown) }),
  )
  await watchLongRuns(at).catch((thrown) =>
    log.error('runs that do not end could not be watched', { problem: messageOf(thrown) }),
  )
  await notePlanned(at)
}
