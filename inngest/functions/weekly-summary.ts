import { inngest, ONE_TICK } from '#inngest/client.ts'
import { dispatch, externalLoadRequested } from '#inngest/events.ts'
import { now } from '#lib/core/clock.ts'
import { deleteOldRecords } from '#lib/notifications/tidy.ts'
import { sendWeeklySummaries } from '#lib/notifications/weekly-summary.ts'

/**
 * The summary is sent on Mondays at 9:00 local time. That is first reached on Sunday at 19:00 UTC, and time zones differ
 * by quarters of an hour. Tuesday covers summaries that are late.
 */
export const WEEKLY_CRONS = ['*/15 19-23 * * 0', '*/15 * * * 1', '0 0-20 * * 2']

export const weeklySummary = inngest.createFunction(
  { id: 'weekly-summary', triggers: WEEKLY_CRONS.map((cron) => ({ cron })), concurrency: ONE_TICK, retries: 2 },
  async () => {
    await deleteOldRecords(now())
    const externalLoads = await sendWeeklySummaries(now())
    await dispatch(externalLoads.map((id) => externalLoadRequested(id)))
  },
)
