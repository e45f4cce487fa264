import { Skip } from '#lib/core/errors.ts'
import { db, type LandedObject, type Prisma, type ReadPart, type StreamRead } from '#lib/db.ts'
import { bookmarkOf, missingParts, PART_BOOKMARK } from '#lib/load/missing-parts.ts'
import { addLogLine } from '#lib/runs/runs.ts'
import type { StreamPart } from '#lib/streams/stream.ts'
import type { Progress } from './list.ts'
import { type FirstPage, firstPageOf, landPage, requestPage, sameKeys } from './page.ts'
import { completeRead, dropRead, lastComplete, openRead } from './reads.ts'
import { type Slice, whileCurrent } from './slice.ts'

const MAX_PARTS = 2_000
const MAX_PAGES_PER_PART = 220 // Spotify's playlists end at 10,000 items
const MAX_RESTARTS = 2

/**
 * Reads the parts of a stream that changed since their last read, one after the other. Each part is verified by itself.
 * One that Spotify refuses or that keeps moving is marked as such and doesn't hold up the others.
 */
export async function extractParts(slice: Slice): Promise<Progress> {
  const read = await openRead(slice)
  if ((await db().readPart.count({ where: { readId: read.id } })) === 0) {
    const due = await dueParts(slice)
    if (due.length === 0) {
      await dropRead(read)
      return 'nothing new'
    }
    await db().readPart.createMany({ data: due.map((part, position) => ({ readId: read.id, position, ...part })) })
  }
  for (;;) {
    const part = await db().readPart.findFirst({
      where: { readId: read.id, state: 'pending' },
      orderBy: { position: 'asc' },
    })
    if (!part) break
    if (!(await extractPart(slice, read, part))) return 'more'
  }
  await completeParts(slice, read)
  return 'complete'
}

/** The parts whose version has changed since last time (in a full read: all parts), and those that are gone. */
async function dueParts({
  stream,
  streamRun,
}: Slice): Promise<{ part: string; version: string; state: 'pending' | 'gone' }[]> {
  const { userId } = streamRun
  const list = stream.partsOf ? await lastComplete(userId, stream.partsOf.stream, 'whole') : null
  if (!list) return []
  const objects = await db().landedObject.findMany({
    where: { readId: list.id },
    orderBy: { page: 'asc' },
    select: { parts: true },
  })
  const parts = objects.flatMap((object) => (object.parts ?? []) as unknown[] as StreamPart[])
  const readable = new Map(parts.filter((part) => part.readable).map((part) => [part.id, part.version]))
  const bookmarks = await db().bookmark.findMany({
    where: { userId, stream: stream.name, name: { startsWith: PART_BOOKMARK } },
  })
  const known = new Map(bookmarks.map(({ name, value }) => [name.slice(PART_BOOKMARK.length), value]))
  // Only reading shows whether a part without a version changed.
  const changed = [...readable]
    .filter(([id, version]) => streamRun.whole || version === '' || known.get(id) !== version)
    .slice(0, MAX_PARTS)
  const gone = [...known.keys()].filter((id) => !readable.has(id))
  return [
    ...gone.map((part) => ({ part, version: '', state: 'gone' as const })),
    ...changed.map(([part, version]) => ({ part, version, state: 'pending' as const })),
  ]
}

/** @returns true if this version of the part is done; false if the budget ran out first */
async function extractPart(slice: Slice, read: StreamRead, part: ReadPart): Promise<boolean> {
  const key = { readId_part: { readId: part.readId, part: part.part } }
  try {
    for (;;) {
      const landed = await landedPages(read, part)
      const known = await db().readPart.findUniqueOrThrow({ where: key })
      const offset = landed.length * slice.stream.limit
      const isComplete = known.expected !== null && (offset >= known.expected || landed.length >= MAX_PAGES_PER_PART)
      if (!slice.budget.take()) return false
      if (isComplete) return await verifyPart(slice, known, landed)
      const page = await requestPage(slice, { offset: String(offset) }, part.part)
      if (offset === 0) {
        await db().readPart.update({
          where: key,
          data: { expected: page.total ?? page.items.length, head: { ...firstPageOf(slice.stream, page) } },
        })
      }
      const number = await db().landedObject.count({ where: { readId: read.id } })
      await landPage(slice, read, { page: number, part: part.part, request: `offset=${offset}` }, page)
    }
  } catch (error) {
    if (!(error instanceof Skip)) throw error
    // Pages read before the refusal are not loaded, because part of a playlist is useless.
    await whileCurrent(slice, (tx) => discardPages(tx, part, { state: 'refused' }))
    await addLogLine(slice.streamRun.id, 'warn', `Spotify refused the items of one playlist: ${error.message}.`)
    return true
  }
}

function landedPages(read: StreamRead, part: ReadPart): Promise<LandedObject[]> {
  return db().landedObject.findMany({
    where: { readId: read.id, part: part.part, outcome: 'landed' },
    orderBy: { page: 'asc' },
  })
}

async function verifyPart(slice: Slice, part: ReadPart, landed: LandedObject[]): Promise<boolean> {
  const key = { readId_part: { readId: part.readId, part: part.part } }
  if (landed.length > 1) {
    const again = await requestPage(slice, { offset: '0' }, part.part)
    const moved =
      again.total !== part.expected || !sameKeys(firstPageOf(slice.stream, again), part.head as FirstPage | null)
    if (moved) {
      const state = part.restarts < MAX_RESTARTS ? 'pending' : 'unsettled'
      const data = { state, restarts: part.restarts + 1, expected: null } as const
      await whileCurrent(slice, (tx) => discardPages(tx, part, data))
      return true
    }
  }
  await db().readPart.update({ where: key, data: { state: 'done' } })
  return true
}

/** Ensures that the landed pages of a part are never loaded. `data` is the part's new state. */
async function discardPages(
  tx: Prisma.TransactionClient,
  { readId, part }: ReadPart,
  data: Prisma.ReadPartUpdateInput,
): Promise<void> {
  await tx.landedObject.updateMany({ where: { readId, part }, data: { outcome: 'superseded' } })
  await tx.readPart.update({ where: { readId_part: { readId, part } }, data })
}

/** Saves the versions together with the read, so that a part that is not complete is read again next time. */
async function completeParts({ stream, streamRun }: Slice, read: StreamRead): Promise<void> {
  const parts = await db().readPart.findMany({ where: { readId: read.id } })
  const missing = await missingParts(read)
  const base = { userId: streamRun.userId, stream: stream.name }
  await completeRead(read, 'parts', async (tx) => {
    for (const { part, version, state } of parts) {
      const name = bookmarkOf({ part })
      const where = { userId_stream_name: { ...base, name } }
      if (state === 'gone') await tx.bookmark.deleteMany({ where: { ...base, name } })
      if (state === 'done' || (state === 'refused' && !missing.has(part))) {
        await tx.bookmark.upsert({ where, create: { ...base, name, value: version }, update: { value: version } })
      }
    }
  })
}
