import { ulid } from 'ulid'
import type { LoadCounts } from '#lib/core/table.ts'
import { db, type Prisma, type Run, type RunTrigger, type WarehouseConnection } from '#lib/db.ts'
import { tableGroups } from '#lib/streams/index.ts'

/** A load into an external warehouse is a run too, with its streams and its cost. It is open until everything is loaded. */

const OPEN: Prisma.RunWhereInput = { kind: 'load', endedAt: null }

/** The open load of a connection. */
export function openLoadRun(connectionId: string): Promise<Run | null> {
  return db().run.findFirst({ where: { ...OPEN, load: { connectionId } }, orderBy: { id: 'asc' } })
}

/** The open load of a connection, or a new one. Concurrent callers get the same one. */
export function findOrCreateLoadRun(
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

/** Marks a load as running. @returns false if it was cancelled */
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

/** Adds the counts of a read, or of a copied table, to the load's stream run. */
export async function countLoaded(
  tx: Prisma.TransactionClient,
  run: Run,
  stream: string,
  counts: LoadCounts,
): Promise<void> {
  const changes = counts.new + counts.changed + counts.removed
  const streamRun = await streamRunOf(tx, run, stream)
  await tx.streamRun.update({
    where: { id: streamRun.id },
    data: {
      ...(changes > 0 && streamRun.state === 'nothing_new' ? { state: 'succeeded' as const } : {}),
      rowsNew: { increment: counts.new },
      rowsChanged: { increment: counts.changed },
      rowsUnchanged: { increment: counts.unchanged },
      rowsRemoved: { increment: counts.removed },
      items: { increment: counts.new + counts.changed + counts.unchanged },
      endedAt: new Date(),
    },
  })
  await tx.warehouseLoad.update({ where: { runId: run.id }, data: { reads: { increment: 1 } } })
}

/** Marks one stream of the load as failed; the others continue. */
export async function failStream(
  run: Run,
  stream: string,
  details: { problem: string; remedy: string },
): Promise<void> {
  await db().$transaction(async (tx) => {
    const { id } = await streamRunOf(tx, run, stream)
    await tx.streamRun.update({ where: { id }, data: { state: 'failed', endedAt: new Date(), ...details } })
  })
}

/** In the order of the tables; models, which no table group has, come last. */
function positionOf(stream: string): number {
  const position = tableGroups.findIndex(({ name }) => name === stream)
  return position < 0 ? tableGroups.length : position
}

/** Creates it as ended: an active stream run would keep its stream from being read. */
async function streamRunOf(tx: Prisma.TransactionClient, { id: runId, userId }: Run, stream: string) {
  const now = new Date()
  return tx.streamRun.upsert({
    where: { runId_stream: { runId, stream } },
    create: {
      id: ulid(),
      runId,
      userId,
      stream,
      position: positionOf(stream),
      state: 'nothing_new',
      startedAt: now,
      endedAt: now,
    },
    update: {},
  })
}
