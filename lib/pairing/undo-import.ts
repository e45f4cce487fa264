import { now } from '#lib/core/clock.ts'
import { db, type Prisma } from '#lib/db.ts'
import { queueLoads } from '#lib/storage/destinations.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'

/**
 * Queues the removal of an import from every warehouse: a read without pages that replaces the import by nothing. Its own
 * read no longer loads, so its pages may be deleted afterward. Repeating it changes nothing.
 */
export async function undoImport({ userId, importId }: { userId: string; importId: string }): Promise<void> {
  await db().$transaction(async (tx) => {
    await tx.streamRead.updateMany({ where: { id: importId, userId }, data: { state: 'abandoned' } })
    // A load that is running now finds no entry and is removed by the next one.
    await tx.loadLedger.deleteMany({ where: { readId: importId, read: { userId } } })
    const read = { id: `undo-${importId}`, userId }
    if ((await tx.streamRead.count({ where: read })) > 0) return
    const at = now()
    await tx.streamRead.create({
      data: {
        ...read,
        stream: importedPlays.name,
        scope: 'parts',
        state: 'complete',
        syncedAt: at,
        completedAt: at,
        parts: { create: { part: importId, version: '', state: 'gone', position: 0 } },
      },
    })
    await queueLoads(tx, read)
  })
}

/** Whether a read removes an import. */
export const removesImport = ({ stream, scope }: { stream: string; scope: string }) =>
  stream === importedPlays.name && scope === 'parts'

/**
 * After an import was removed from a warehouse, others are loaded into it again: rows that several imports have belong to
 * the first one that was loaded. Those that found none of their rows taken have nothing to gain.
 */
export async function requeueImports(tx: Prisma.TransactionClient, connectionId: string): Promise<void> {
  await tx.loadLedger.updateMany({
    where: {
      connectionId,
      state: 'loaded',
      read: { stream: importedPlays.name, scope: 'head', state: 'complete' },
      // A copy from the embedded warehouse counts nothing.
      OR: [{ rowsUnchanged: { gt: 0 } }, { rowsNew: 0 }],
    },
    data: { state: 'waiting', round: { increment: 1 } },
  })
}
