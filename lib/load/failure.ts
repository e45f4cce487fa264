import { MINUTE } from '#lib/core/clock.ts'
import { Failure, messageOf, Transient, Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, Prisma, type StreamRead, type WarehouseConnection } from '#lib/db.ts'
import { addLogLine, endStreamRun, refreshRunState } from '#lib/runs/runs.ts'
import { importIdOf, isImported } from '#lib/streams/imported-kinds.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { waitForExternal } from './external/connection-state.ts'
import { bookmarkOf } from './missing-parts.ts'

/** How a step of loading ended, for its job. */
export interface LoadEnd {
  more: boolean
  /** The run, if this load ended it. */
  endedRun?: string
}

/** How long after giving up a load is tried again. */
const RETRY_AFTER_MS = 5 * MINUTE

/** The error as a failure that repeating the job does not help. @throws everything else */
export function asFailure(error: unknown): Failure {
  if (!(error instanceof Failure) || error instanceof Transient) throw error
  return error
}

/**
 * Ends the stream run of a read that cannot be loaded; other reads are not affected. What was landed stays. The next run
 * reads the stream again, and "Re-run" also repeats the load unless the landed pages are damaged.
 */
export async function failRead(connection: WarehouseConnection, read: StreamRead, failure: Failure): Promise<LoadEnd> {
  const details = { problem: failure.message, remedy: failure.remedy }
  log.error('a read could not be loaded', {
    connectionId: connection.id,
    readId: read.id,
    ...failure.context,
    problem: failure.message,
    cause: messageOf(failure.cause),
  })
  await db().loadLedger.update({
    where: { readId_connectionId: { readId: read.id, connectionId: connection.id } },
    data: { ...details, state: 'failed', attempts: { increment: 1 } },
  })
  await forceFullRead(read, failure.context.damaged === true)
  if (isImported({ name: read.stream })) await reportOnImport(read, failure)
  const endedRun = read.streamRunId ? await endAsFailed(read.streamRunId, details) : null
  return { more: true, ...(endedRun ? { endedRun } : {}) }
}

/** An import whose rows were loaded before, and could not be loaded again, says so. */
async function reportOnImport(read: StreamRead, { message }: Failure): Promise<void> {
  await db().import.updateMany({
    where: { id: importIdOf(read), state: 'done' },
    data: {
      problem: `Some of its rows could not be loaded again: ${message}`,
      remedy: 'Import the same files again, then undo this import.',
    },
  })
}

/** Makes the next run read the stream again instead of finding nothing new. A damaged read is never loaded. */
async function forceFullRead(read: StreamRead, damaged: boolean): Promise<void> {
  const { userId, stream } = read
  const parts = await db().readPart.findMany({ where: { readId: read.id } })
  await db().$transaction(async (tx) => {
    if (damaged) {
      await tx.streamRead.update({ where: { id: read.id }, data: { state: 'abandoned' } })
      await tx.landedObject.updateMany({ where: { readId: read.id }, data: { outcome: 'failed' } })
    }
    await tx.streamRead.updateMany({ where: { userId, stream, state: 'complete' }, data: { head: Prisma.DbNull } })
    await tx.bookmark.deleteMany({
      where: { userId, stream, ...(read.scope === 'parts' ? { name: { in: parts.map(bookmarkOf) } } : {}) },
    })
    // An empty version makes the next run read the part again, or remove its rows if the part is gone.
    await tx.bookmark.createMany({ data: parts.map((part) => ({ userId, stream, name: bookmarkOf(part), value: '' })) })
  })
}

/** Lets loads that failed be tried again, for a new run of their streams. */
export async function retryFailedLoads(userId: string, streams: string[]): Promise<void> {
  await db().loadLedger.updateMany({
    where: { state: 'failed', read: { userId, stream: { in: streams }, state: 'complete' } },
    data: { state: 'waiting' },
  })
}

/** Ends a load job that gave up: releases its lease and shows on the stream runs why they wait. */
export async function giveUpLoading(connectionId: string, problem: string): Promise<void> {
  const connection = await db().warehouseConnection.findUnique({ where: { id: connectionId } })
  if (!connection) return
  const until = new Date(Date.now() + RETRY_AFTER_MS)
  await waitForWarehouse(
    connection,
    new Wait(problem, until, { remedy: 'Nothing to do. The load is retried automatically.' }),
  )
}

async function endAsFailed(streamRunId: string, details: { problem: string; remedy: string }): Promise<string | null> {
  const { runId } = await db().streamRun.findUniqueOrThrow({ where: { id: streamRunId } })
  return (await endStreamRun(streamRunId, { state: 'failed', ...details })) ? runId : null
}

/** Lets the reads of an unavailable destination wait, and shows why and until when on each stream run affected. */
export async function waitForWarehouse(connection: WarehouseConnection, failure: Failure): Promise<LoadEnd> {
  const { id, kind } = connection
  if (warehouseFacts[kind].loadsOnCadence) {
    await waitForExternal(connection, failure)
    return { more: false }
  }
  const details = { problem: failure.message, remedy: failure.remedy }
  log.error('the warehouse cannot be used', {
    connectionId: id,
    ...failure.context,
    ...details,
    cause: messageOf(failure.cause),
  })
  await db().warehouseConnection.update({
    where: { id },
    data: { state: failure instanceof Wait ? 'waiting' : 'failed', ...details, loadingUntil: null, loadingBy: null },
  })
  const waiting = await db().streamRun.findMany({
    where: {
      state: { in: ['running', 'waiting'] },
      phase: 'loading',
      reads: { some: { ledger: { some: { connectionId: id, state: 'waiting' } } } },
    },
    select: { id: true, runId: true, state: true },
  })
  let endedRun: string | null = null
  for (const { id: streamRunId, runId, state } of waiting) {
    if (failure instanceof Wait) {
      const data = {
        state: 'waiting',
        waitingUntil: failure.until,
        waitReason: 'warehouse',
        ...details,
      } as const
      await db().streamRun.updateMany({ where: { id: streamRunId, state: { in: ['running', 'waiting'] } }, data })
      // Once for each reason, not at every attempt.
      if (state !== 'waiting' || connection.problem !== failure.message)
        await addLogLine(streamRunId, 'warn', `${failure.message}. The data read so far waits in the landing zone.`)
      await refreshRunState(runId)
    } else endedRun = (await endAsFailed(streamRunId, details)) ?? endedRun
  }
  return { more: false, ...(endedRun ? { endedRun } : {}) }
}
