import { eventType } from 'inngest'
import { z } from 'zod'
import { settings } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { hasMessages } from '#lib/notifications/send.ts'
import type { Attempt, StreamRequest } from '#lib/runs/runs.ts'
import { embeddedAmong } from '#lib/storage/destinations.ts'
import { inngest } from './client.ts'

/**
 * The events and the ways they are sent. They carry ids only; everything else is in Postgres, where it can't be lost.
 * Names and fields must not change: events may be queued while an instance is upgraded.
 */

export const streamRequest = eventType('stream/requested', {
  schema: z.object({
    streamRunId: z.string(),
    attempt: z.number().int(),
    /** For sharing slots fairly between listeners. Missing in events of versions before 0.2. */
    listenerId: z.string().optional(),
    /** True when another job has read the first slice. */
    goesOn: z.boolean().optional(),
    /** The earliest time for the next slice, ISO 8601. */
    resumeAt: z.string().optional(),
  }),
})

export const loadRequest = eventType('load/requested', { schema: z.object({ connectionId: z.string() }) })

/** A load into the listener's external warehouse. */
export const externalLoadRequest = eventType('connected/requested', { schema: z.object({ connectionId: z.string() }) })

export const runEnd = eventType('run/ended', { schema: z.object({ runId: z.string() }) })

/** Continues an import: reads what was uploaded, removes what was canceled, or writes the receipt. */
export const importRequest = eventType('import/requested', { schema: z.object({ importId: z.string() }) })

/** Files of other programs wait in the landing zone. */
export const arrivalsRequest = eventType('arrivals/found', { schema: z.object({}) })

/** In the demo only: imports what a listener would have exported. */
export const demoHistoryRequest = eventType('demo-history/requested', { schema: z.object({ userId: z.string() }) })

/** Publishes a listener's tables as files. */
export const lakeRequest = eventType('lake/requested', { schema: z.object({ userId: z.string() }) })

/** More artists wait for their genres. */
export const genresRequest = eventType('genres/requested', { schema: z.object({}) })

export const messagesRequest = eventType('messages/requested', { schema: z.object({}) })

/** The id makes sure that each attempt of a stream run starts once, even if its event is sent again. */
export function streamRequested({ streamRunId, attempt, listenerId, pastDays }: StreamRequest) {
  const id = `${streamRunId}:${attempt}${pastDays ? ':past' : ''}`
  return streamRequest.create({ streamRunId, attempt, listenerId }, { id })
}

/**
 * Requests the slices after the first one. It has no id because an earlier event may have started a job that has been
 * superseded; if two jobs read the same stream run, the later one takes over.
 */
export function streamContinued(request: Attempt & { listenerId?: string }, resumeAt?: string) {
  return streamRequest.create({ ...request, goesOn: true, ...(resumeAt ? { resumeAt } : {}) })
}

/** @param once identifies the step that requests the load, so that repeating the step doesn't start a second load */
export function loadRequested(connectionId: string, once?: string) {
  return loadRequest.create({ connectionId }, once ? { id: `load:${connectionId}:${once}` } : {})
}

/** @param once as in loadRequested */
export function externalLoadRequested(connectionId: string, once?: string) {
  return externalLoadRequest.create({ connectionId }, once ? { id: `load:${connectionId}:${once}` } : {})
}

export function genresContinued() {
  return genresRequest.create({})
}

export function messagesRequested() {
  return messagesRequest.create({})
}

export function runEnded(runId: string) {
  return runEnd.create({ runId }, { id: `ended:${runId}` })
}

type Events = Exclude<Parameters<typeof inngest.send>[0], unknown[]>[]

/** Inngest accepts 512 kB per request. */
const MAX_EVENTS = 1_000

/**
 * Sends the events that follow from a job's work, plus one for any messages the work has queued. It isn't a step, which
 * Inngest would count: if it fails, the job is repeated and finds its work done. Repeated events are harmless.
 */
export async function dispatch(events: Events): Promise<void> {
  const all = [...events, ...((await hasMessages()) ? [messagesRequested()] : [])]
  for (let sent = 0; sent < all.length; sent += MAX_EVENTS) await inngest.send(all.slice(sent, sent + MAX_EVENTS))
}

/** Starts stream runs that are already saved. If the engine is down, the plan sends them again later. */
export async function requestStreams(requests: StreamRequest[]): Promise<void> {
  if (requests.length === 0) return
  try {
    await inngest.send(requests.map(streamRequested))
  } catch (error) {
    log.warn("stream events weren't sent; the plan will retry", { count: requests.length, error: messageOf(error) })
  }
}

/** Starts loads into warehouses. If the engine is down, the plan requests them again later. */
export async function requestLoads(connectionIds: string[]): Promise<void> {
  if (connectionIds.length === 0) return
  // Only the load of an embedded one continues the imports that wait for it.
  const embedded = await embeddedAmong(connectionIds)
  await inngest
    .send(connectionIds.map((id) => (embedded.has(id) ? loadRequested(id) : externalLoadRequested(id))))
    .catch((error) =>
      log.warn("loads weren't requested; the plan will retry", { connectionIds, error: messageOf(error) }),
    )
}

/** Has the history of a demo listener imported after their first run. If the engine is down, the plan requests it later. */
export async function requestDemoHistory(userId: string): Promise<void> {
  if (settings().TRACKLAKE_MODE !== 'demo') return
  await inngest
    .send(demoHistoryRequest.create({ userId }))
    .catch((error) => log.warn("a demo history wasn't requested; the plan will retry", { error: messageOf(error) }))
}

/** Has an import continued. If the engine is down, the plan requests it later. */
export async function requestImport(importId: string): Promise<void> {
  await inngest
    .send(importRequest.create({ importId }))
    .catch((error) =>
      log.warn("an import wasn't requested; the plan will retry", { importId, error: messageOf(error) }),
    )
}

/** Has a listener's files published. If the engine is down, the plan requests it later. */
export async function requestPublication(userId: string): Promise<void> {
  await inngest
    .send(lakeRequest.create({ userId }))
    .catch((error) => log.warn("a publication wasn't requested; the plan will retry", { error: messageOf(error) }))
}

/** Announces that a run has ended outside of a job, for example because the listener canceled it. */
export async function announceRunEnd(runId: string): Promise<void> {
  await inngest
    .send(runEnded(runId))
    .catch((error) => log.warn("the end of a run wasn't announced", { runId, error: messageOf(error) }))
}
