import { ulid } from 'ulid'
import { DAY } from '#lib/core/clock.ts'
import { db, type Prisma, type ReadScope, type StreamRead } from '#lib/db.ts'
import { queueLoads } from '#lib/storage/destinations.ts'
import type { Stream } from '#lib/streams/stream.ts'
import type { FirstPage } from './page.ts'
import { type Slice, Superseded } from './slice.ts'

/** An open read older than this is given up, because its list has moved on. */
const RESUMABLE_FOR_MS = DAY

/** Items per request of a read. Offsets are multiples of it, so it can't change until the read ends. */
export function sizeOf({ limit }: Pick<Stream, 'limit'>, { pageSize }: Pick<StreamRead, 'pageSize'>): number {
  return pageSize ?? limit
}

/**
 * The open read of the slice's stream: an earlier one that can be resumed, or a new one.
 * @param pageSize items per request of a new read
 */
export async function openRead(slice: Slice, pageSize = slice.stream.limit): Promise<StreamRead> {
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
    // A full read starts over, because what another run left open may be about some parts only.
    if (fits && !streamRun.whole) {
      return db().streamRead.update({ where: { id: open.id }, data: { streamRunId: streamRun.id } })
    }
    await abandonRead(open)
  }
  return newRead(slice, { syncedAt, restarts: 0, pageSize })
}

type ReadStart = Pick<StreamRead, 'syncedAt' | 'restarts' | 'pageSize'>

function newRead({ streamRun, stream }: Slice, start: ReadStart): Promise<StreamRead> {
  return db().streamRead.create({
    data: { id: ulid(), userId: streamRun.userId, streamRunId: streamRun.id, stream: stream.name, ...start },
  })
}

/** Gives up a read: none of its pages is ever loaded. */
export async function abandonRead(read: StreamRead): Promise<void> {
  await db().$transaction(async (tx) => {
    await closeOpenRead(tx, read, { state: 'abandoned' })
    await tx.landedObject.updateMany({ where: { readId: read.id }, data: { outcome: 'superseded' } })
  })
}

/** @throws Superseded when the read ended meanwhile or another stream run resumed it */
async function closeOpenRead(
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

/** Starts over with the next slice, for example because the list moved while it was read. @param changes to the start */
export async function restartRead(slice: Slice, read: StreamRead, changes: Partial<ReadStart>): Promise<void> {
  await abandonRead(read)
  const { syncedAt, restarts, pageSize } = read
  await newRead(slice, { syncedAt, restarts, pageSize, ...changes })
}

/** Deletes a read that landed nothing. */
export async function dropRead({ id, streamRunId }: StreamRead): Promise<void> {
  await db().streamRead.deleteMany({ where: { id, streamRunId, state: 'open' } })
}

/** The latest complete read of a stream. */
export function lastComplete(userId: string, stream: string, scope?: ReadScope): Promise<StreamRead | null> {
  return db().streamRead.findFirst({
    where: { userId, stream, state: 'complete', ...(scope ? { scope } : {}) },
    orderBy: { syncedAt: 'desc' },
  })
}

/** The fingerprint of a read's first page, if it was stored. */
export function firstPageOfRead(read: StreamRead | null): FirstPage | null {
  return (read?.head ?? null) as FirstPage | null
}

/**
 * Completes a read. From now on every destination of the listener waits for it.
 * @param found what the read withheld, if it is a full one
 * @param alongside further writes of the same transaction
 */
export async function completeRead(
  read: StreamRead,
  scope: ReadScope,
  found: Partial<Pick<StreamRead, 'withheld' | 'unplaced' | 'withheldPrint'>> = {},
  alongside: (tx: Prisma.TransactionClient) => Promise<void> = async () => undefined,
): Promise<void> {
  await db().$transaction(async (tx) => {
    await closeOpenRead(tx, read, { state: 'complete', scope, completedAt: new Date(), ...found })
    await queueLoads(tx, read)
    await alongside(tx)
  })
}
