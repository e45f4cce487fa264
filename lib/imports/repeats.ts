import type { ExportKind, ImportMemberState } from '#lib/api/lists.ts'
import { now } from '#lib/core/clock.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type Import, type ImportMember } from '#lib/db.ts'
import { queueLoads } from '#lib/storage/destinations.ts'
import { landedPageReader } from '#lib/storage/landed-pages.ts'
import { IMPORTED_KINDS, importReadId } from '#lib/streams/imported-kinds.ts'
import type { LandedKind } from '#lib/streams/stream.ts'
import { landAgain, openRead } from './land-import.ts'
import { type Answers, type KnownFile, MAX_PAGES, type ReaderMember } from './reader/messages.ts'

/**
 * Files that were imported before. They are not read again: all of their rows are duplicates. The plays stay those of the
 * import that read them, and if that one is undone, it hands its pages over (docs/decisions/0075-repeated-files.md).
 */

/** A file whose content is known, and which import has read it; null: this one. */
interface Known {
  file: KnownFile
  from: ImportMember[] | null
}

/** A member that was not read because it is known. */
export type Repeated = ReaderMember & { from: ImportMember[] | null }

/** Kinds whose times always have a zone, so that no answer changes how they are read. */
const WITH_ZONE: readonly (ExportKind | null)[] = [
  'spotify-extended',
  'spotify-account',
  'listenbrainz',
  'audio-features',
  'charts',
]

const MAX_EARLIER = 20

/** What is known of the files of an import, by their numbers. */
export async function knownFiles({ id, userId, digests, names, answers }: Import): Promise<(Known | null)[]> {
  if (digests.length !== names.length) return names.map(() => null)
  const earlier = await db().import.findMany({
    where: { userId, id: { not: id }, state: 'done', digests: { hasSome: digests } },
    orderBy: { createdAt: 'asc' },
    take: MAX_EARLIER,
    include: { members: { orderBy: { position: 'asc' } } },
  })
  const complete: typeof earlier = []
  for (const one of earlier) if (await isLoaded(one.id)) complete.push(one)
  const { zone } = answers as Answers
  return digests.map((digest, index) => {
    for (const other of complete) {
      const otherIndex = other.digests.indexOf(digest)
      const members = other.members.filter(({ fileIndex }) => fileIndex === otherIndex)
      const isSameZone = (other.answers as Answers).zone === zone
      if (otherIndex >= 0 && isComplete(members, isSameZone)) return { file: knownMembers(members), from: members }
    }
    const repeats = digests.indexOf(digest)
    return repeats < index ? { file: { repeats }, from: null } : null
  })
}

/** Whether everything that an import has read is in the warehouses, or will be. */
async function isLoaded(importId: string): Promise<boolean> {
  const reads = await db().streamRead.findMany({
    where: { id: { in: IMPORTED_KINDS.map((kind) => importReadId(importId, kind)) } },
    select: { state: true, ledger: { where: { state: 'failed' }, take: 1 } },
  })
  return reads.length > 0 && reads.every(({ state, ledger }) => state === 'complete' && ledger.length === 0)
}

/** Whether a file was read completely, by that import itself and with the same answers. */
function isComplete(members: ImportMember[], isSameZone: boolean): boolean {
  return (
    members.some(({ state }) => state === 'read') &&
    members.every(
      ({ state, sameAs, kind, rejected }) =>
        state !== 'refused' &&
        sameAs === null &&
        // What was in the future then may be in the past now.
        !('in the future' in (rejected as object)) &&
        (state !== 'read' || isSameZone || WITH_ZONE.includes(kind as ExportKind | null)),
    )
  )
}

function knownMembers(members: ImportMember[]): KnownFile {
  const read = members.filter(({ state, place }) => state === 'read' && place !== null)
  return { members: Object.fromEntries(read.map(({ place, name }) => [place, name])) }
}

/** Rows of rejected rows that an import keeps. */
const MAX_REJECTIONS = 10_000

/** Records the results of known members: those of the members that they are the same as. */
export async function copyResults(importId: string, repeated: Repeated[]): Promise<void> {
  if (repeated.length === 0) return
  const own = await db().importMember.findMany({ where: { importId }, orderBy: { position: 'asc' } })
  const { digests } = await db().import.findUniqueOrThrow({ where: { id: importId }, select: { digests: true } })
  for (const { position, fileIndex, place, from } of repeated) {
    const first = digests.indexOf(digests[fileIndex] ?? '')
    const same = (from ?? own.filter((member) => member.fileIndex === first)).find((member) => member.place === place)
    if (!same) throw new Error(`Member ${position} of import ${importId} repeats one that is unknown`)
    const { state, read, rejected, problem } = same
    await copyRejections(importId, position, same)
    await db().importMember.update({
      where: { importId_position: { importId, position } },
      data: {
        state: state as ImportMemberState,
        read,
        rejected: rejected as object,
        problem,
        ...(from ? { sameAs: same.importId, samePosition: same.position } : {}),
      },
    })
  }
}

async function copyRejections(importId: string, position: number, { importId: from, position: member }: ImportMember) {
  const room = Math.max(0, MAX_REJECTIONS - (await db().importRejection.count({ where: { importId } })))
  await db().$executeRaw`
    insert into "ImportRejection" ("importId", "member", "row", "reason", "values")
    select ${importId}, ${position}, "row", "reason", "values" from "ImportRejection"
    where "importId" = ${from} and "member" = ${member} order by "row" limit ${room}
    on conflict do nothing`
}

/**
 * Before an import is removed: gives its pages to those that did not read the same files again, and lets every destination
 * load them from there. Repeating it changes nothing.
 */
export async function handOver({ id, userId }: Import): Promise<void> {
  const heirs = await db().importMember.findMany({
    where: { sameAs: id, import: { userId, state: 'done' } },
    orderBy: [{ importId: 'asc' }, { position: 'asc' }],
  })
  for (const importId of new Set(heirs.map((heir) => heir.importId))) {
    const members = heirs.filter((heir) => heir.importId === importId)
    for (const kind of IMPORTED_KINDS) await handOverKind(kind, { from: id, to: importId, userId, members })
    await db().importMember.updateMany({ where: { importId, sameAs: id }, data: { sameAs: null, samePosition: null } })
    log.info('an import took over the pages of another one', { importId, from: id })
  }
}

async function handOverKind(
  kind: LandedKind,
  { from, to, userId, members }: { from: string; to: string; userId: string; members: ImportMember[] },
): Promise<void> {
  const objects = await db().landedObject.findMany({
    where: { readId: importReadId(from, kind), part: { in: members.map(({ samePosition }) => String(samePosition)) } },
    orderBy: { page: 'asc' },
    select: { id: true, path: true, etag: true, packedAs: true, part: true, page: true, items: true },
  })
  if (objects.length === 0) return
  const read = await openRead({ id: importReadId(to, kind), userId }, kind)
  const textOf = landedPageReader()
  for (const object of objects) {
    let text: string
    try {
      text = await textOf(object)
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      await reportLost(to, error)
      continue
    }
    for (const { position, samePosition } of members)
      if (String(samePosition) === object.part)
        await landAgain(read, to, { member: position, number: object.page % MAX_PAGES }, JSON.parse(text))
  }
  await db().$transaction(async (tx) => {
    const { _count, _sum } = await tx.landedObject.aggregate({
      where: { readId: read.id },
      _count: true,
      _sum: { items: true },
    })
    await tx.streamRead.update({
      where: { id: read.id },
      data: {
        state: 'complete',
        completedAt: read.completedAt ?? now(),
        packedAt: null,
        pages: _count,
        items: _sum.items ?? 0,
      },
    })
    // Their rows are there, but as those of the other import: once that is removed, this one is loaded again.
    await tx.loadLedger.updateMany({
      where: { readId: read.id, state: 'loaded' },
      data: { rowsUnchanged: { increment: objects.reduce((sum, { items }) => sum + items, 0) } },
    })
    await queueLoads(tx, read)
  })
}

/** An undo does not wait for a page that is damaged; the import that needed it says so. */
async function reportLost(importId: string, error: Stop): Promise<void> {
  log.warn('a page of an import could not be handed over', { importId, problem: messageOf(error) })
  await db().import.update({
    where: { id: importId },
    data: { problem: 'Some of its rows are gone, because a stored page is damaged', remedy: 'Import the files again.' },
  })
}
