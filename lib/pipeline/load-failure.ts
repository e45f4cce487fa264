import { MINUTE } from '../clock.ts'
import { db, Prisma, type StreamRead, type WarehouseConnection } from '../db.ts'
import { Failure, messageOf, Transient, Wait } from '../errors.ts'
import { log } from '../log.ts'
import { waitForConnected } from './connected/trouble.ts'
import { bookmarkOf } from './extract-parts.ts'
import { endStreamRun, note, settleRun } from './runs.ts'

/** How a step of loading ended, for the job. */
export interface LoadEnd {
  more: boolean
  /** The run that ended with this load. */
  endedRun?: string
}

/** A load that gave up is tried again after this. */
const RETRY_AFTER_MS = 5 * MINUTE

/** @throws what the job has to repeat: failures that pass, and errors of the app database */
export function asFailure(thrown: unknown): Failure {
  if (!(thrown instanceof Failure) || thrown instanceof Transient) throw thrown
  return thrown
}

/**
 * This read cannot be loaded: its stream run ends with the reason, the other reads go on. What was landed stays; the
 * next run asks Spotify anew, and "Re-run" tries the load again where the landed pages are whole.
 */
export async function failRead(connection: WarehouseConnection, read: StreamRead, failure: Failure): Promise<LoadEnd> {
  const said = { problem: failure.message, remedy: failure.remedy }
  log.error('a read could not be loaded', {
    connectionId: connection.id,
    readId: read.id,
    ...failure.context,
    problem: failure.message,
    cause: messageOf(failure.cause),
  })
  await db().loadLedger.update({
    where: { readId_connectionId: { readId: read.id, connectionId: connection.id } },
    data: { ...said, state: 'failed', attempts: { increment: 1 } },
  })
  await askAnewNextTime(read, failure.context.damaged === true)
  const endedRun = read.streamRunId ? await endByLoad(read.streamRunId, said) : null
  return { more: true, ...(endedRun ? { endedRun } : {}) }
}

/** Takes away what the next run would call "nothing new" by. A read whose pages are damaged is never loaded. */
async function askAnewNextTime(read: StreamRead, damaged: boolean): Promise<void> {
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
    // Known in no version: a part that is there is read anew, the rows of one that is gone are taken away.
    await tx.bookmark.createMany({ data: parts.map((part) => ({ userId, stream, name: bookmarkOf(part), value: '' })) })
  })
}

/** Loads that failed are tried again by a new run of their streams. */
export async function retryFailedLoads(userId: string, streams: string[]): Promise<void> {
  await db().loadLedger.updateMany({
    where: { state: 'failed', read: { userId, stream: { in: streams }, state: 'complete' } },
    data: { state: 'waiting' },
  })
}

/** Ends a load job that gave up: another one may take its turn, and the stream runs say why they wait. */
export async function giveUpLoading(connectionId: string, problem: string): Promise<void> {
  const connection = await db().warehouseConnection.findUnique({ where: { id: connectionId } })
  if (!connection) return
  const until = new Date(Date.now() + RETRY_AFTER_MS)
  await waitForWarehouse(
    connection,
    new Wait(problem, until, { remedy: 'Nothing to do. The load is tried again by itself.' }),
  )
}

async function endByLoad(streamRunId: string, said: { problem: string; remedy: string }): Promise<string | null> {
  const { runId } = await db().streamRun.findUniqueOrThrow({ where: { id: streamRunId } })
  return (await endStreamRun(streamRunId, { state: 'failed', ...said })) ? runId : null
}

/** The destination is away: its reads wait, and every stream run that waits for it says why and until when. */
export async function waitForWarehouse(connection: WarehouseConnection, failure: Failure): Promise<LoadEnd> {
  const { id, kind } = connection
  if (kind !== 'duckdb') {
    await waitForConnected(connection, failure)
    return { more: false }
  }
  const said = { problem: failure.message, remedy: failure.remedy }
  log.error('the warehouse cannot be used', {
    connectionId: id,
    ...failure.context,
    ...said,
    cause: messageOf(failure.cause),
  })
  await db().warehouseConnection.update({
    where: { id },
    data: { state: failure instanceof Wait ? 'waiting' : 'failed', ...said, loadingUntil: null, loadingBy: null },
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
        ...said,
      } as const
      await db().streamRun.updateMany({ where: { id: streamRunId, state: { in: ['running', 'waiting'] } }, data })
      // Once, not at each try.
      if (state !== 'waiting')
        await note(streamRunId, 'warn', `${failure.message}. What was read waits in the landing zone.`)
      await settleRun(runId)
    } else endedRun = (await endByLoad(streamRunId, said)) ?? endedRun
  }
  return { more: false, ...(endedRun ? { endedRun } : {}) }
}
