import { hasMessages } from '../lib/listener/telling/send.ts'
import { inngest } from './client.ts'
import { messagesRequested } from './events.ts'

type Events = Exclude<Parameters<typeof inngest.send>[0], unknown[]>[]

/**
 * Sends what follows from a job's work. Not a step of its own, which Inngest would count: when it fails, the job is
 * repeated and finds its work done. Events with an id are taken once however often they come, and the others may come
 * twice without harm. Messages that the work wrote are sent with it.
 */
export async function handOn(events: Events): Promise<void> {
  const all = [...events, ...((await hasMessages()) ? [messagesRequested()] : [])]
  if (all.length > 0) await inngest.send(all)
}
