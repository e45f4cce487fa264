import { inngest } from '#inngest/client.ts'
import { dispatch, lakeRequest } from '#inngest/events.ts'
import { giveUpPublication, publish } from '#lib/lake/publish.ts'

/** Writing files takes a child process of up to 400 MB; other listeners' publications wait. */
const AT_ONCE = 1

/** It has no steps: Postgres knows what is published, so a repeated job continues where the last one stopped. */
export const publishLake = inngest.createFunction(
  {
    id: 'publish-lake',
    triggers: [lakeRequest],
    concurrency: AT_ONCE,
    retries: 4,
    onFailure: ({ event, error }) => giveUpPublication(event.data.event.data.userId, error.message),
  },
  async ({ event, runId }) => {
    const { userId } = event.data
    const { more } = await publish(userId, runId)
    await dispatch(more ? [lakeRequest.create({ userId })] : [])
  },
)
