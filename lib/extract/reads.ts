import { ulid } from 'ulid'
import { DAY } from '#lib/core/clock.ts'
import { db, type Prisma, type ReadScope, type StreamRead } from '#lib/db.ts'
import { destinationsOfReads } from '#lib/storage/destinations.ts'
import { type Head, type Slice, Superseded } from './page.ts'

/** An open read older than this is not gone on with: the list has moved on. */
const RESUMABLE_FOR_MS = DAY

/** The open read of a slice's stream, resumed where one is there, else a new one. */
export async function openRead(slice: Slice): Promise<StreamRead> {
  const { streamRun, stream, instant } = slice
  const syncedAt = instant ?? streamRun.queuedAt
  const open = await db().streamRead.findFirst({
    where: { userId: streamRun.userId, stream: stream.name, state: 'open' },
  })
  if (open) {
    const fits = instant
      ? open.syncedAt.getTime() === instant.getTime()
      : syncedAt.getTime() - open.syncedAt.getTime() < RESUMABLE_FOR_MS
    if (open.streamRunId === streamRun.id && fits) return open
    // A backfill begins anew: what another run left open may know only a part.
    if (fits && !streamRun.whole) {
      return db().streamRead.update({ where: { id: open.id }, data: { streamRunId: streamRun.id } })
    }
    await abandonRead(open)
  }
  return newRead(slice, syncedAt, 0)
}

function newRead({ streamRun, stream }: Slice, syncedAt: Date, restarts: number): Promise<StreamRead> {
  return db().streamRead.create({
    data: { id: ulid(), userId: streamRun.userId, streamRunId: streamRun.id, stream: stream.name, syncedAt, restarts },
  })
}

/** Gives up a read; what it landed is superseded, and nothing of it is ever loaded. */
async function abandonRead(read: StreamRead): Promise<void> {
  await db().$transaction(async (tx) => {
    await endOpen(tx, read, { state: 'abandoned' })
    await tx.landedObject.updateMany({ where: { readId: read.id }, data: { outcome: 'superseded' } })
  })
}

/** @throws Superseded when the read ended meanwhile, or another stream run goes on with it */
async function endOpen(
  tx: Prisma.TransactionClient,
  read: StreamRead,
  data: Prisma.StreamReadUpdateManyMutationInput,
): Promise<void> {
  const { count } = await tx.streamRead.updateMany({
    where: { id: read.id, state: 'open', streamRunId: read.streamRunId },
    data,
  })
  if (count === 0) throw new Superseded()
}

/** The list moved while it was read: the next slice starts over. */
export async function restartRead(slice: Slice, read: StreamRead): Promise<void> {
  await abandonRead(read)
  await newRead(slice, read.syncedAt, read.restarts + 1)
}

/** Forgets a read that saw nothing new and landed nothing. */
export async function dropRead({ id, streamRunId }: StreamRead): Promise<void> {
  await db().streamRead.deleteMany({ where: { id, streamRunId, state: 'open' } })
}

/** The newest complete read of a stream. */
export function lastComplete(userId: string, stream: string, scope?: ReadScope): Promise<StreamRead | null> {
  return db().streamRead.findFirst({
    where: { userId, stream, state: 'complete', ...(scope ? { scope } : {}) },
    orderBy: { syncedAt: 'desc' },
  })
}

export function readHead(read: StreamRead | null): Head | null {
  return (read?.head ?? null) as Head | null
}

/**
 * Ends a read as complete: from here on every destination of the listener waits for it, and nothing can forget it.
 * @param also what has to become true together with it
 */
export async function completeRead(
  read: StreamRead,
  scope: ReadScope,
  also: (tx: Prisma.TransactionClient) => Promise<void> = async () => undefined,
): Promise<void> {
  await db().$transaction(async (tx) => {
    await endOpen(tx, read, { state: 'complete', scope, completedAt: new Date() })
    const connections = await tx.warehouseConnection.findMany({
      where: { userId: read.userId, ...destinationsOfReads() },
      select: { id: true },
    })
    await tx.loadLedger.createMany({
      data: connections.map(({ id }) => ({ readId: read.id, connectionId: id })),
      skipDuplicates: true,
    })
    await also(tx)
  })
}
