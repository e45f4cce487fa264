import { pause, SECOND } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { db, type Run, type StreamRun } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { loadNext } from '#lib/load/load.ts'
import { notifyOpenRuns } from '#lib/notifications/notify-run.ts'
import { failStreamRun, nextAttempt, type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { closeRun } from '#lib/sync/close-run.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import type { Harness } from './harness.ts'

/** Runs the work of the background functions in this process, step by step as they do. */

const AT_ONCE = 2
const MAX_RETRIES = 4
const MAX_SLICES = 100
const MAX_LOADS = 500

export type EndedRun = Run & { streams: Record<string, StreamRun> }

/** A run with its stream runs by name. */
export async function runOf(runId: string): Promise<EndedRun> {
  const { streamRuns, ...run } = await db().run.findUniqueOrThrow({
    where: { id: runId },
    include: { streamRuns: true },
  })
  return { ...run, streams: Object.fromEntries(streamRuns.map((streamRun) => [streamRun.stream, streamRun])) }
}

/**
 * Works on a created run until it ends, or until nothing of it can continue by itself.
 * @param only keeps these streams and drops the others
 */
export async function runToEnd(harness: Harness, runId: string, only?: string[]): Promise<EndedRun> {
  if (only) await db().streamRun.deleteMany({ where: { runId, stream: { notIn: only } } })
  await alignQueuedAt(harness, runId)
  await runJobs(await takeStartable(runId))
  return runOf(runId)
}

/** Orders a run of all or some streams, a second later, and works on it to its end. */
export async function runNow(harness: Harness, userId: string, names?: string[]): Promise<EndedRun> {
  await harness.setTime(new Date(harness.now().getTime() + SECOND))
  const run = await orderRun(userId, 'manual', names ? { names } : {})
  if (!run) throw new Error('There was nothing to run')
  return runToEnd(harness, run.id)
}

/** Sets when the stream runs were queued to the simulated time. */
export async function alignQueuedAt(harness: Harness, runId: string): Promise<void> {
  await db().streamRun.updateMany({ where: { runId }, data: { queuedAt: harness.now() } })
}

/**
 * Runs the jobs of stream requests and everything that follows from them, as many at once as the pool has slots.
 * @param loader the name of the loading job; by default a new one for each load
 */
export async function runJobs(requests: StreamRequest[], loader?: string): Promise<void> {
  const queue = [...requests]
  const worker = async () => {
    for (let request = queue.shift(); request; request = queue.shift())
      queue.push(...(await runStreamJob(request, loader)))
  }
  // Followers may be added after a worker has ended, hence the loop.
  while (queue.length > 0) {
    // Waits for all workers, so that none is still running after a failure.
    const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
}

/** One job of a stream run. @returns the requests it sends */
async function runStreamJob(request: StreamRequest, loader?: string): Promise<StreamRequest[]> {
  const followers: StreamRequest[] = []
  try {
    for (let slice = 1; slice <= MAX_SLICES; slice++) {
      const end = await withRetries(() => extractSlice(request))
      followers.push(...end.followers)
      for (const id of end.connections) await loadAll(id, loader)
      if (end.endedRun) await close(end.endedRun, loader)
      else await notifyOpenRuns()
      if (!end.more) return followers
      if (end.resumeAt) await pause(Date.parse(end.resumeAt) - Date.now())
    }
    const next = await withRetries(() => nextAttempt(request))
    return next ? [...followers, next] : followers
  } catch (error) {
    const ended = await failStreamRun(request, messageOf(error))
    if (ended) await close(ended, loader)
    else await notifyOpenRuns()
    return followers
  }
}

let jobs = 0

/** Loads everything that waits for a connection, as one job does. */
export async function loadAll(connectionId: string, by = `load-${jobs++}`): Promise<void> {
  for (let load = 0; load < MAX_LOADS; load++) {
    const end = await withRetries(() => loadNext(connectionId, by))
    if (end.endedRun) await close(end.endedRun)
    else await notifyOpenRuns()
    if (!end.more) return
  }
}

/** Closes a run and does the external loads that are due. */
async function close(runId: string, loader?: string): Promise<void> {
  for (const id of await closeRun(runId)) await loadAll(id, loader)
}

/** Whether each step is run twice, as if its first result had been lost. */
let losesResults = false

/** As `runJobs`, but runs each step twice, as if its first result had been lost. */
export async function runJobsLosingResults(requests: StreamRequest[]): Promise<void> {
  losesResults = true
  await runJobs(requests).finally(() => {
    losesResults = false
  })
}

async function withRetries<T>(step: () => Promise<T>): Promise<T> {
  if (losesResults) await step().catch(() => undefined)
  for (let attempt = 0; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      if (attempt === MAX_RETRIES) throw error
    }
  }
}
