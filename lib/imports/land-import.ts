import { now } from '#lib/core/clock.ts'
import { db, type StreamRead } from '#lib/db.ts'
import { queueLoads } from '#lib/storage/destinations.ts'
import { landing, landingPath } from '#lib/storage/places.ts'
import { ImportedPage, importedPlays } from '#lib/streams/imported-plays.ts'

/**
 * Lands the plays of an import, and lets every destination wait for them. They load like a read of a stream: into
 * raw.imported_plays, with the songs that they name. Repeating it with the same id and pages continues after an
 * interruption, and does nothing once it is complete.
 * @param id becomes `import_id`, and identifies the read
 * @param pages at most 5,000 plays each; fields that no table holds are removed
 * @returns the number of plays
 */
export async function landImport(
  { id, userId }: { id: string; userId: string },
  pages: AsyncIterable<Omit<ImportedPage, 'importId'>>,
): Promise<number> {
  const read = await openRead(id, userId)
  if (read.state === 'complete') return read.items
  let count = 0
  let items = 0
  for await (const page of pages) {
    await landPage(read, count++, ImportedPage.parse({ ...page, importId: id }))
    items += page.items.length
  }
  await db().$transaction(async (tx) => {
    const { count: completed } = await tx.streamRead.updateMany({
      where: { id, state: 'open' },
      data: { state: 'complete', completedAt: now(), pages: count, items },
    })
    if (completed > 0) await queueLoads(tx, read)
  })
  return items
}

/** The import's read. One whose landed pages were damaged is opened again. */
async function openRead(id: string, userId: string): Promise<StreamRead> {
  const { name } = importedPlays
  // An import adds plays and removes none, so no earlier or later one replaces it.
  const read = { id, userId, stream: name, scope: 'head' as const, syncedAt: now() }
  const { state } = await db().streamRead.upsert({ where: { id }, create: read, update: {} })
  return db().streamRead.update({ where: { id }, data: state === 'abandoned' ? { state: 'open' } : {} })
}

/** The file first, then its row, as with responses of Spotify. */
async function landPage({ id: readId, userId }: StreamRead, page: number, content: ImportedPage): Promise<void> {
  const path = landingPath({ stream: importedPlays.name, userId, readId, page })
  const bytes = await landing().put(path, JSON.stringify(content))
  const landed = {
    path,
    items: content.items.length,
    bytes,
    identities: new Uint8Array(),
    outcome: 'landed' as const,
    moved: false,
  }
  try {
    await db().landedObject.upsert({
      where: { readId_page: { readId, page } },
      create: { id: `${readId}:${page}`, readId, page, request: '', ...landed },
      update: landed,
    })
  } catch (error) {
    // The listener's data was deleted meanwhile.
    if ((await db().user.count({ where: { id: userId } })) === 0) await landing().remove(path)
    throw error
  }
}
