import { inngest } from '#inngest/client.ts'
import { messagesRequest, messagesRequested } from '#inngest/events.ts'
import { sendMessages } from '#lib/notifications/send.ts'

/** One batch a call; without steps, because Postgres knows what was sent. What fails comes again with the plan. */
export const sendWaitingMessages = inngest.createFunction(
  { id: 'send-messages', triggers: [messagesRequest], concurrency: 2, retries: 2 },
  async () => {
    if (await sendMessages()) await inngest.send(messagesRequested())
  },
)
