import { db } from '../db.ts'
import { type StreamRequest, takeStartable } from './runs.ts'

/** The destinations of the listener of a stream run. */
export async function connectionsOf(streamRunId: string): Promise<string[]> {
  const connections = await db().warehouseConnection.findMany({
    where: { user: { runs: { some: { streamRuns: { some: { id: streamRunId } } } } } },
    select: { id: true },
  })
  return connections.map(({ id }) => id)
}

/** Streams of the same run that waited for this one. */
export async function startableAfter(streamRunId: string): Promise<StreamRequest[]> {
  const { runId } = await db().streamRun.findUniqueOrThrow({ where: { id: streamRunId } })
  return takeStartable(runId)
}

/** A stream run that is longer than one job may be goes on as its next attempt. */
export async function nextAttempt({ streamRunId, attempt }: StreamRequest): Promise<StreamRequest | null> {
  const { count } = await db().streamRun.updateMany({
    where: { id: streamRunId, attempt, state: 'running' },
    data: { attempt: attempt + 1 },
  })
  return count === 1 ? { streamRunId, attempt: attempt + 1 } : null
}
