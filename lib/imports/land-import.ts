import { now } from '#lib/core/clock.ts'
import { Stop } from '#lib/core/errors.ts'
import { db, type Prisma, type StreamRead } from '#lib/db.ts'
import { queueLoads } from '#lib/storage/destinations.ts'
import { landing, landingFolders, landingPath } from '#lib/storage/places.ts'
import { IMPORTED_KINDS, importReadId } from '#lib/streams/imported-kinds.ts'
import { ImportedPage, importedPlays, type NewImportedPage } from '#lib/streams/imported-plays.ts'
import type { LandedKind } from '#lib/streams/stream.ts'
import { type OtherPage, otherPage } from './other-kinds.ts'
import { MAX_PAGES } from './reader/messages.ts'

/**
 * Lands the plays of imports. They load like a read of a stream: into raw.imported_plays, with the songs that they name.
 * Replays use these pages, which hold only what tables do, so uploaded files aren't needed again.
 */

/** Which page of which file. `part` of a landed page is its file. */
interface PagePlace {
  member: number
  /** From 0 within the file. */
  number: number
}

/**
 * Lands all pages of an import, and lets every destination wait for them. Repeating it with the same id and pages
 * continues after an interruption, and does nothing once it is complete.
 * @param id becomes `import_id`, and identifies the read
 * @param pages at most 5,000 plays each; fields that no table holds are removed
 * @returns the number of plays
 */
export async function landImport(
  { id, userId }: { id: string; userId: string },
  pages: AsyncIterable<NewImportedPage>,
): Promise<number> {
  const read = await openRead({ id, userId })
  if (read.state === 'complete') return read.items
  let number = 0
  for await (const page of pages) await landPage(read, { member: page.member ?? 0, number: number++ }, page)
  await db().$transaction((tx) => completeRead(tx, read))
  return (await db().streamRead.findUniqueOrThrow({ where: { id } })).items
}

/** The read of an import. One whose landed pages were damaged is opened again. */
export async function openRead(
  { id, userId }: { id: string; userId: string },
  { name }: Pick<LandedKind, 'name'> = importedPlays,
): Promise<StreamRead> {
  // An import adds plays and removes none, so no earlier or later one replaces it.
  const read = { id, userId, stream: name, scope: 'head' as const, syncedAt: now() }
  const { state } = await db().streamRead.upsert({ where: { id }, create: read, update: {} })
  return db().streamRead.update({ where: { id }, data: state === 'abandoned' ? { state: 'open' } : {} })
}

export function landPage(
  read: StreamRead,
  place: PagePlace,
  { source, items }: Omit<NewImportedPage, 'member'>,
): Promise<void> {
  return land(read, place, ImportedPage.parse({ source, importId: read.id, member: place.member, items }))
}

/** Lands a page of something else than plays. It has a read of its own. */
export async function landOtherPage(
  { id: importId, userId }: Pick<StreamRead, 'id' | 'userId'>,
  place: PagePlace,
  page: OtherPage,
): Promise<void> {
  const { kind, content } = otherPage(page, { importId, member: place.member })
  const read = await openRead({ id: importReadId(importId, kind), userId }, kind)
  if (read.state !== 'complete') await land(read, place, { items: page.items, ...content })
}

/** Lands a page of another import as one of this import. */
export function landAgain(
  read: StreamRead,
  importId: string,
  place: PagePlace,
  content: { items: unknown[] },
): Promise<void> {
  return land(read, place, { ...content, ...{ importId, member: place.member } })
}

/** The file first, then its row, as with responses of Spotify. */
async function land(
  { id: readId, userId, stream }: StreamRead,
  { member, number }: PagePlace,
  content: { items: unknown[] },
): Promise<void> {
  const { items } = content
  // The next file's pages would be overwritten.
  if (number >= MAX_PAGES)
    throw new Stop(`A file of an import has more than ${MAX_PAGES} pages`, {
      remedy: 'Divide the file, then import the parts.',
    })
  // Numbered across the files of an import.
  const page = member * MAX_PAGES + number
  const path = landingPath({ stream, userId, readId, page })
  const { bytes, etag } = await landing().put(path, JSON.stringify(content))
  const landed = {
    path,
    items: items.length,
    bytes,
    etag,
    identities: new Uint8Array(),
    part: String(member),
    outcome: 'landed' as const,
    moved: false,
  }
  try {
    await db().landedObject.upsert({
      // Two at once would find the same id before they find the same page.
      where: { id: `${readId}:${page}` },
      create: { id: `${readId}:${page}`, readId, page, request: '', ...landed },
      update: landed,
    })
  } catch (error) {
    // The listener's data was deleted meanwhile.
    if ((await db().user.count({ where: { id: userId } })) === 0) await landing().remove(path)
    throw error
  }
}

/** The ids of all reads of an import. */
const readIdsOf = (importId: string) => IMPORTED_KINDS.map((kind) => importReadId(importId, kind))

/** Records that all pages have landed. @returns whether there are any */
export async function markLanded(id: string): Promise<boolean> {
  const pages = await db().landedObject.count({ where: { readId: { in: readIdsOf(id) } } })
  await db().streamRead.updateMany({ where: { id, state: 'open' }, data: { pages } })
  return pages > 0
}

/** Lets every destination wait for what has landed: its plays last, so that all is loaded once they are. */
export async function completeRead(tx: Prisma.TransactionClient, read: StreamRead): Promise<void> {
  const others = await tx.streamRead.findMany({ where: { id: { in: readIdsOf(read.id), not: read.id } } })
  const before = new Date(now().getTime() - 1)
  for (const other of others) await completeOne(tx, other, before)
  await completeOne(tx, read, now())
}

async function completeOne(tx: Prisma.TransactionClient, read: StreamRead, completedAt: Date): Promise<void> {
  const { _count, _sum } = await tx.landedObject.aggregate({
    where: { readId: read.id },
    _count: true,
    _sum: { items: true },
  })
  const { count } = await tx.streamRead.updateMany({
    where: { id: read.id, state: 'open' },
    data: { state: 'complete', completedAt, pages: _count, items: _sum.items ?? 0 },
  })
  if (count > 0) await queueLoads(tx, read)
}

/** Removes the landed pages of one file of an import. */
export async function removeLandedMember(readId: string, member: number): Promise<void> {
  const where = { readId: { in: readIdsOf(readId) }, part: String(member) }
  const objects = await db().landedObject.findMany({ where, select: { path: true } })
  await landing().remove(...objects.map(({ path }) => path))
  await db().landedObject.deleteMany({ where })
}

/** Removes an import's reads with their landed pages. No destination may wait for them. */
export async function removeLanded({ id, userId }: { id: string; userId: string }): Promise<void> {
  for (const kind of IMPORTED_KINDS) {
    const folders = landingFolders({ stream: kind.name, userId })
    for (const folder of folders) await landing().removeAll(`${folder}/${importReadId(id, kind)}`)
  }
  await db().streamRead.deleteMany({ where: { id: { in: readIdsOf(id) } } })
}
