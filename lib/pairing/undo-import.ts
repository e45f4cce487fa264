import { now } from '#lib/core/clock.ts'
import { db, type Prisma } from '#lib/db.ts'
import { queueLoads } from '#lib/storage/destinations.ts'
import { importReadId, isImported, OTHER_KINDS } from '#lib/streams/imported-kinds.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'
import type { LandedKind } from '#lib/streams/stream.ts'

/**
 * Queues the removal of an import from every warehouse: for each kind of what it brought, a read without pages that
 * replaces the import by nothing. Its own reads no longer load, so their pages may be deleted afterward. Repeating it
 * changes nothing.
 */
export async function undoImport({ userId, importId }: { userId: string; importId: string }): Promise<void> {
  const at = now()
  await db().$transaction(async (tx) => {
    for (const kind of OTHER_KINDS) {
      const readId = importReadId(importId, kind)
      const isThere = (await tx.streamRead.count({ where: { id: readId, userId } })) > 0
      // Loaded before the removal of the plays, so that all is gone once they are.
      if (isThere) await remove(tx, { userId, importId, kind, at: new Date(at.getTime() - 1) })
    }
    await remove(tx, { userId, importId, kind: importedPlays, at })
  })
}

/** The read that removes what another one has brought. */
export const removalReadId = (readId: string) => `undo-${readId}`

interface Removal {
  userId: string
  importId: string
  kind: LandedKind
  at: Date
}

async function remove(tx: Prisma.TransactionClient, { userId, importId, kind, at }: Removal): Promise<void> {
  const readId = importReadId(importId, kind)
  await tx.streamRead.updateMany({ where: { id: readId, userId }, data: { state: 'abandoned' } })
  // A load that is running now finds no entry and is removed by the next one.
  await tx.loadLedger.deleteMany({ where: { readId, read: { userId } } })
  const read = { id: removalReadId(readId), userId }
  if ((await tx.streamRead.count({ where: read })) > 0) return
  await tx.streamRead.create({
    data: {
      ...read,
      stream: kind.name,
      scope: 'parts',
      state: 'complete',
      syncedAt: at,
      completedAt: at,
      parts: { create: { part: importId, version: '', state: 'gone', position: 0 } },
    },
  })
  await queueLoads(tx, read)
}

/** Whether a read removes an import. */
export const removesImport = ({ stream, scope }: { stream: string; scope: string }) =>
  isImported({ name: stream }) && scope === 'parts'

/**
 * After an import was removed from a warehouse, others are loaded into it again: rows that several imports have belong to
 * the first one that was loaded. Those that found none of their rows taken have nothing to gain.
 * @param stream the kind of what was removed
 */
export async function requeueImports(
  tx: Prisma.TransactionClient,
  { connectionId, stream }: { connectionId: string; stream: string },
): Promise<void> {
  await tx.loadLedger.updateMany({
    where: {
      connectionId,
      state: 'loaded',
      read: { stream, scope: 'head', state: 'complete' },
      // A copy from the embedded warehouse counts nothing.
      OR: [{ rowsUnchanged: { gt: 0 } }, { rowsNew: 0 }],
    },
    data: { state: 'waiting', round: { increment: 1 } },
  })
}
