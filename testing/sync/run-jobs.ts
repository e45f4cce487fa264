import { pause, SECOND } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { db, type Run, type StreamRun } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { loadNext } from '#lib/load/load.ts'
import { failStreamRun, nextAttempt, type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { closeRun } from '#lib/sync/close-run.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import type { Bed } from './harness.ts'

/** Drives the deeds in this process, step by step as the background functions do. */

const AT_ONCE = 2
const REPETITIONS = 4
const MOST_SLICES = 100
const MOST_LOADS = 500

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
 * Runs what is written to its end, or until nothing of it can go on by itself.
 * @param only of these streams, as if no other had been asked for
 */
export async function runToEnd(bed: Bed, runId: string, only?: string[]): Promise<EndedRun> {
  if (only) await db().streamRun.deleteMany({ where: { runId, stream: { notIn: only } } })
  await startAt(bed, runId)
  await drive(await takeStartable(runId))
  return runOf(runId)
}

/** Orders a run of all or some streams, a second after whatever was before, and drives it to its end. */
export async function runNow(bed: Bed, userId: string, names?: string[]): Promise<EndedRun> {
  await bed.moveTo(new Date(bed.at().getTime() + SECOND))
  const run = await orderRun(userId, 'manual', names ? { names } : {})
  if (!run) throw new Error('There was nothing to run')
  return runToEnd(bed, run.id)
}

/** The runs of a test begin at the instant of the simulation. */
export async function startAt(bed: Bed, runId: string): Promise<void> {
  await db().streamRun.updateMany({ where: { runId }, data: { queuedAt: bed.at() } })
}

/**
 * Works through stream requests and whatever follows from them, so many at once as the pool has slots.
 * @param loader names the job that loads; a new one for each load otherwise
 */
export async function drive(requests: StreamRequest[], loader?: string): Promise<void> {
  const queue = [...requests]
  const worker = async () => {
    for (let request = queue.shift(); request; request = queue.shift())
      queue.push(...(await extractStream(request, loader)))
  }
  // Followers are found by whoever is last; another round takes them up.
  while (queue.length > 0) {
    // Nobody is left at work when it fails.
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

/** One job of a stream run. @returns what it asks to start */
async function extractStream(request: StreamRequest, loader?: string): Promise<StreamRequest[]> {
  const followers: StreamRequest[] = []
  try {
    for (let slice = 1; slice <= MOST_SLICES; slice++) {
      const end = await repeated(() => extractSlice(request))
      followers.push(...end.followers)
      for (const id of end.connections) await loadAll(id, loader)
      if (end.endedRun) await close(end.endedRun, loader)
      if (!end.more) return followers
      if (end.resumeAt) await pause(Date.parse(end.resumeAt) - Date.now())
    }
    const next = await repeated(() => nextAttempt(request))
    return next ? [...followers, next] : followers
  } catch (thrown) {
    const ended = await failStreamRun(request, messageOf(thrown))
    if (ended) await close(ended, loader)
    return followers
  }
}

let jobs = 0

/** Everything that waits for a destination, as one job does it. */
export async function loadAll(connectionId: string, by = `load-${jobs++}`): Promise<void> {
  for (let load = 0; load < MOST_LOADS; load++) {
    const end = await repeated(() => loadNext(connectionId, by))
    if (end.endedRun) await close(end.endedRun)
    if (!end.more) return
  }
}

/** What follows the end of a run: the load of a connected warehouse whose time has come. */
async function close(runId: string, loader?: string): Promise<void> {
  for (const id of await closeRun(runId)) await loadAll(id, loader)
}

/** Whether the result of each step is lost once, so that the step is repeated. */
let forgetful = false

/** As `drive`, in a world that loses the result of each step. */
export async function driveForgetfully(requests: StreamRequest[]): Promise<void> {
  forgetful = true
  await drive(requests).finally(() => {
    forgetful = false
  })
}

async function repeated<T>(step: () => Promise<T>): Promise<T> {
  if (forgetful) await step().catch(() => undefined)
  for (let repetition = 0; ; repetition++) {
    try {
      return await step()
    } catch (thrown) {
      if (repetition === REPETITIONS) throw thrown
    }
  }
}
