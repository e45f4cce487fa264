import { now } from '../../lib/clock.ts'
import { tellWeek } from '../../lib/listener/telling/weekly.ts'
import { inngest } from '../client.ts'
import { connectedRequested } from '../events.ts'
import { handOn } from '../hand-on.ts'

/** It is Monday at nine somewhere from Sunday evening to Monday night of UTC, in zones a quarter of an hour apart. */
export const weeklySummary = inngest.createFunction(
  { id: 'weekly-summary', triggers: [{ cron: '*/15 * * * 0,1' }], retries: 2 },
  async () => {
    const connected = await tellWeek(now())
    await handOn(connected.map((id) => connectedRequested(id)))
  },
)
