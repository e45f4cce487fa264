import { ulid } from 'ulid'
import type { LoadCounts } from '#lib/core/table.ts'
import { db, type Prisma, type Run, type RunTrigger, type WarehouseConnection } from '#lib/db.ts'
import { streams } from '#lib/streams/index.ts'

/** A load is a run too: one line on the pages, with its streams and what it cost. It is open until all of it is loaded. */

const OPEN: Prisma.RunWhereInput = { kind: 'load', endedAt: null }

/** The load of a connection that has not ended yet. */
export function openLoadRun(connectionId: string): Promise<Run | null> {
  return db().run.findFirst({ where: { ...OPEN, load: { connectionId } }, orderBy: { id: 'asc' } })
}

/** The open load of a connection, a new one when there is none; of two askers at once one makes it. */
export function takeLoadRun(
  { id, userId }: Pick<WarehouseConnection, 'id' | 'userId'>,
  { trigger, byUserId, rerunOf }: { trigger: RunTrigger; byUserId?: string; rerunOf?: string },
): Promise<Run> {
  return db().$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from "WarehouseConnection" where id = ${id} for update`
    const open = await tx.run.findFirst({ where: { ...OPEN, load: { connectionId: id } }, orderBy: { id: 'asc' } })
    if (open) return open
    return tx.run.create({
      data: {
        id: ulid(),
        userId,
        kind: 'load',
        trigger,
        byUserId: byUserId ?? null,
        rerunOf: rerunOf ?? null,
        load: { create: { connectionId: id } },
      },
    })
  })
}

/** The warehouse is at work for this load. @returns false when the load was cancelled */
export async function startLoadRun(runId: string): Promise<boolean> {
  const { count } = await db().run.updateMany({
    where: { id: runId, endedAt: null, cancelledAt: null },
    data: { state: 'running', waitingUntil: null, problem: null, remedy: null },
  })
  await db().run.updateMany({ where: { id: runId, startedAt: null }, data: { startedAt: new Date() } })
  return count === 1
}

export async function isCancelled(runId: string): Promise<boolean> {
  return (await db().run.count({ where: { id: runId, endedAt: null, cancelledAt: null } })) === 0
}

/** Adds a read, or a copied table, to the load's line of its stream. */
export async function countLoaded(
  tx: Prisma.TransactionClient,
  { runId, userId }: { runId: string; userId: string },
  stream: string,
  counts: LoadCounts,
): Promise<void> {
  const changes = counts.new + counts.changed + counts.removed
  const rows = { new: counts.new, changed: counts.changed, unchanged: counts.unchanged, removed: counts.removed }
  const streamRun = await streamRunOf(tx, { runId, userId }, stream)
  await tx.streamRun.update({
    where: { id: streamRun.id },
    data: {
      ...(changes > 0 && streamRun.state === 'nothing_new' ? { state: 'succeeded' as const } : {}),
      rowsNew: { increment: rows.new },
      rowsChanged: { increment: rows.changed },
      rowsUnchanged: { increment: rows.unchanged },
      rowsRemoved: { increment: rows.removed },
      items: { increment: rows.new + rows.changed + rows.unchanged },
      endedAt: new Date(),
    },
  })
  await tx.warehouseLoad.update({ where: { runId }, data: { reads: { increment: 1 } } })
}

/** One stream of the load could not be loaded; the others go on. */
export async function failStream(
  load: { runId: string; userId: string },
  stream: string,
  said: { problem: string; remedy: string },
): Promise<void> {
  await db().$transaction(async (tx) => {
    const { id } = await streamRunOf(tx, load, stream)
    await tx.streamRun.update({ where: { id }, data: { state: 'failed', endedAt: new Date(), ...said } })
  })
}

/** Written as ended: while it is under way only the load itself is active, so it never keeps a stream from being read. */
async function streamRunOf(
  tx: Prisma.TransactionClient,
  { runId, userId }: { runId: string; userId: string },
  stream: string,
) {
  const key = { runId_stream: { runId, stream } }
  const now = new Date()
  return tx.streamRun.upsert({
    where: key,
    create: {
      id: ulid(),
      runId,
      userId,
      stream,
      position: streams.findIndex(({ name }) => name === stream),
      state: 'nothing_new',
      startedAt: now,
      endedAt: now,
    },
    update: {},
  })
}
