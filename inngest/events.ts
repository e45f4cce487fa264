import { eventType } from 'inngest'
import { z } from 'zod'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import type { Attempt, StreamRequest } from '#lib/runs/runs.ts'
import { inngest } from './client.ts'

/** Events carry ids only; what they are about lies in Postgres, where it cannot be lost. */

export const streamRequest = eventType('stream/requested', {
  schema: z.object({
    streamRunId: z.string(),
    attempt: z.number().int(),
    /** Whose it is: listeners take turns. Events of versions before 0.2 have none. */
    listenerId: z.string().optional(),
    /** Its first slice was read by another job. */
    goesOn: z.boolean().optional(),
    /** No further slice before this instant, ISO 8601. */
    resumeAt: z.string().optional(),
  }),
})

export const loadRequest = eventType('load/requested', { schema: z.object({ connectionId: z.string() }) })

/** The same for a warehouse that the listener connected. */
export const externalLoadRequest = eventType('connected/requested', { schema: z.object({ connectionId: z.string() }) })

export const runEnd = eventType('run/ended', { schema: z.object({ runId: z.string() }) })

export const messagesRequest = eventType('messages/requested', { schema: z.object({}) })

/** One attempt of one stream run is asked for once, however often its event is sent. */
export function streamRequested({ streamRunId, attempt, listenerId, pastDays }: StreamRequest) {
  const id = `${streamRunId}:${attempt}${pastDays ? ':past' : ''}`
  return streamRequest.create({ streamRunId, attempt, listenerId }, { id })
}

/**
 * The slices after the first one. Without an id: of two jobs that go on with a stream run the later one takes over, and
 * an event that was taken in before may have started one that was taken over.
 */
export function streamContinued(request: Attempt & { listenerId?: string }, resumeAt?: string) {
  return streamRequest.create({ ...request, goesOn: true, ...(resumeAt ? { resumeAt } : {}) })
}

/** @param once names what asks, which may ask again when it is repeated */
export function loadRequested(connectionId: string, once?: string) {
  return loadRequest.create({ connectionId }, once ? { id: `load:${connectionId}:${once}` } : {})
}

/** @param once as of loadRequested */
export function externalLoadRequested(connectionId: string, once?: string) {
  return externalLoadRequest.create({ connectionId }, once ? { id: `load:${connectionId}:${once}` } : {})
}

export function messagesRequested() {
  return messagesRequest.create({})
}

export function runEnded(runId: string) {
  return runEnd.create({ runId }, { id: `ended:${runId}` })
}

/** Sends stream runs that are written already. While the engine is away nothing is lost: plan sends them again. */
export async function requestStreams(requests: StreamRequest[]): Promise<void> {
  if (requests.length === 0) return
  try {
    await inngest.send(requests.map(streamRequested))
  } catch (thrown) {
    log.warn('events were not sent, plan will send them', { count: requests.length, said: messageOf(thrown) })
  }
}

/** Asks for loads of connected warehouses. While the engine is away nothing is lost: plan asks again. */
export async function requestLoads(connectionIds: string[]): Promise<void> {
  if (connectionIds.length === 0) return
  await inngest
    .send(connectionIds.map((id) => externalLoadRequested(id)))
    .catch((thrown) => log.warn('loads were not asked for, plan will', { connectionIds, said: messageOf(thrown) }))
}

/** Tells that a run ended outside of a job, for example by a button. */
export async function announceRunEnd(runId: string): Promise<void> {
  await inngest
    .send(runEnded(runId))
    .catch((thrown) => log.warn('the end was not announced', { runId, said: messageOf(thrown) }))
}
