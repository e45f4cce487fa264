import { inngest } from './client.ts'

type Events = Exclude<Parameters<typeof inngest.send>[0], unknown[]>[]

/**
 * Sends what follows from a job's work. Not a step of its own, which Inngest would count: when it fails, the job is
 * repeated and finds its work done. Events with an id are taken once however often they come, and the others may come
 * twice without harm.
 */
export async function handOn(events: Events): Promise<void> {
  if (events.length > 0) await inngest.send(events)
}
