import { inngest } from '#inngest/client.ts'
import { messagesRequest, messagesRequested } from '#inngest/events.ts'
import { sendMessages } from '#lib/notifications/send.ts'

/** Sends one batch per call. It has no steps because Postgres knows what was sent; the plan retries failed messages. */
export const sendWaitingMessages = inngest.createFunction(
  { id: 'send-messages', triggers: [messagesRequest], concurrency: 2, retries: 2 },
  async () => {
    if (await sendMessages()) await inngest.send(messagesRequested())
  },
)
