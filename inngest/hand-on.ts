import { hasMessages } from '#lib/notifications/send.ts'
import { inngest } from './client.ts'
import { messagesRequested } from './events.ts'

/** Inngest takes 512 kB at once. */
const MAX_EVENTS = 1_000

type Events = Exclude<Parameters<typeof inngest.send>[0], unknown[]>[]

/**
 * Sends what follows from a job's work. Not a step of its own, which Inngest would count: when it fails, the job is
 * repeated and finds its work done. Events with an id are taken once however often they come, and the others may come
 * twice without harm. Messages that the work wrote are sent with it.
 */
export async function dispatch(events: Events): Promise<void> {
  const all = [...events, ...((await hasMessages()) ? [messagesRequested()] : [])]
  for (let sent = 0; sent < all.length; sent += MAX_EVENTS) await inngest.send(all.slice(sent, sent + MAX_EVENTS))
}
