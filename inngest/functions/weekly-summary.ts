import { inngest } from '#inngest/client.ts'
import { externalLoadRequested } from '#inngest/events.ts'
import { dispatch } from '#inngest/hand-on.ts'
import { now } from '#lib/core/clock.ts'
import { deleteOldRecords } from '#lib/notifications/tidy.ts'
import { sendWeeklySummaries } from '#lib/notifications/weekly-summary.ts'

/**
 * It is Monday at nine somewhere from Sunday 19:00 of UTC, in zones a quarter of an hour apart, and Tuesday at nine
 * everywhere by Tuesday 21:00; what is told on Tuesday is late, and an hour more or less is no matter.
 */
export const WEEKLY_CRONS = ['*/15 19-23 * * 0', '*/15 * * * 1', '0 0-20 * * 2']

export const weeklySummary = inngest.createFunction(
  { id: 'weekly-summary', triggers: WEEKLY_CRONS.map((cron) => ({ cron })), retries: 2 },
  async () => {
    await deleteOldRecords(now())
    const connected = await sendWeeklySummaries(now())
    await dispatch(connected.map((id) => externalLoadRequested(id)))
  },
)
