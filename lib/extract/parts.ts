import { Skip } from '#lib/core/errors.ts'
import { db, type LandedObject, type Prisma, type ReadPart, type StreamRead } from '#lib/db.ts'
import { bookmarkOf, missingParts, PART_BOOKMARK } from '#lib/load/missing-parts.ts'
import { missingThatStay } from '#lib/load/withheld.ts'
import { addLogLine } from '#lib/runs/runs.ts'
import type { StreamPart } from '#lib/streams/stream.ts'
import { agree, hasLasted, lostTooMuch } from './credible.ts'
import { ReadGivenUp, tooLong } from './incomplete.ts'
import { countPages, type Progress, requireAdvance } from './list.ts'
import { type FirstPage, firstPageOf, landPage, requestPage, sameKeys } from './page.ts'
import { adoptCappedSize, pageSizeFor, smallerSize } from './page-size.ts'
import { completeRead, dropRead, lastComplete, openRead } from './reads.ts'
import { type Slice, whileCurrent } from './slice.ts'
import { withheldIn } from './withheld.ts'

const MAX_PARTS = 2_000
const MAX_ITEMS_PER_PART = 11_000 // Spotify's playlists end at 10,000 items
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
async function dueParts(slice: Slice): Promise<{ part: string; version: string; state: 'pending' | 'gone' }[]> {
  const { stream, streamRun } = slice
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
  const listed = new Set(parts.map(({ id }) => id))
  const unlisted = [...known.keys()].filter((id) => !listed.has(id))
  const withheld = await withheldParts(slice, list, unlisted)
  const gone = [...known.keys()].filter((id) => !readable.has(id) && !withheld.has(id))
  return [
    ...gone.map((part) => ({ part, version: '', state: 'gone' as const })),
    ...changed.map(([part, version]) => ({ part, version, state: 'pending' as const })),
  ]
}

const WITHHELD_BOOKMARK = 'withheld:'

/** Finds and remembers the unlisted parts that may still exist, by the same rule as the rows of the list. */
async function withheldParts({ stream, streamRun }: Slice, list: StreamRead, unlisted: string[]): Promise<Set<string>> {
  const base = { userId: streamRun.userId, stream: stream.name }
  const marks = await db().bookmark.findMany({ where: { ...base, name: { startsWith: WITHHELD_BOOKMARK } } })
  const marked = new Set(marks.map(({ name }) => name.slice(WITHHELD_BOOKMARK.length)))
  const staying = await missingThatStay(list)
  const withheld = unlisted.filter((id) => staying === 'all' || (staying === 'marked' && marked.has(id)))
  const ended = [...marked].filter((id) => !withheld.includes(id)).map((id) => WITHHELD_BOOKMARK + id)
  await db().$transaction([
    db().bookmark.deleteMany({ where: { ...base, name: { in: ended } } }),
    db().bookmark.createMany({
      data: withheld.map((id) => ({ ...base, name: WITHHELD_BOOKMARK + id, value: list.id })),
      skipDuplicates: true,
    }),
  ])
  return new Set(withheld)
}

/** @returns true if this version of the part is done or starts over; false if the budget ran out first */
async function extractPart(slice: Slice, read: StreamRead, part: ReadPart): Promise<boolean> {
  try {
    return await readPart(slice, read, part)
  } catch (error) {
    if (error instanceof Skip) {
      // Pages read before the refusal are not loaded, because part of a playlist is useless.
      await whileCurrent(slice, (tx) => discardPages(tx, part, { state: 'refused' }))
      await addLogLine(slice.streamRun.id, 'warn', `Spotify refused the items of one playlist: ${error.message}.`)
      return true
    }
    if (error instanceof ReadGivenUp) {
      await whileCurrent(slice, (tx) => discardPages(tx, part, { state: 'unsettled' }))
      await addLogLine(slice.streamRun.id, 'warn', `One playlist could not be read to the end: ${error.message}.`)
      return true
    }
    const pageSize = await smallerSize(slice, read, error)
    if (pageSize === null) throw error
    await whileCurrent(slice, (tx) => discardPages(tx, part, { pageSize, expected: null }))
    return true
  }
}

async function readPart(slice: Slice, read: StreamRead, part: ReadPart): Promise<boolean> {
  const { stream } = slice
  const key = { readId_part: { readId: part.readId, part: part.part } }
  let size = part.pageSize
  if (size === null) {
    size = await pageSizeFor(slice)
    await db().readPart.update({ where: key, data: { pageSize: size } })
  }
  for (;;) {
    const landed = await landedPages(read, part)
    const known = await db().readPart.findUniqueOrThrow({ where: key })
    const inOrder = landed.map(({ items, hasNext }, page) => ({ page, items, hasNext }))
    if (!slice.budget.take()) return false
    if (landed.length > 0 && landed.length >= countPages(inOrder, known.expected, size))
      return await verifyPart(slice, known, landed, size)
    const offset = landed.length * size
    if (offset >= MAX_ITEMS_PER_PART) throw new ReadGivenUp(tooLong(MAX_ITEMS_PER_PART))
    const page = await requestPage(slice, { size, query: { offset: String(offset) }, part: part.part })
    const capped = offset === 0 ? await adoptCappedSize(slice, page, size) : null
    if (capped !== null) {
      await db().readPart.update({ where: key, data: { pageSize: capped } })
      return true
    }
    requireAdvance(slice, page, offset, known)
    if (offset === 0) {
      await db().readPart.update({
        where: key,
        data: { expected: page.total, head: { ...firstPageOf(stream, page) } },
      })
    }
    const number = await db().landedObject.count({ where: { readId: read.id } })
    await landPage(slice, read, { page: number, part: part.part, request: `offset=${offset}` }, page)
  }
}

function landedPages(read: StreamRead, part: ReadPart): Promise<LandedObject[]> {
  return db().landedObject.findMany({
    where: { readId: read.id, part: part.part, outcome: 'landed' },
    orderBy: { page: 'asc' },
  })
}

async function verifyPart(slice: Slice, part: ReadPart, landed: LandedObject[], size: number): Promise<boolean> {
  const { streamRun, stream } = slice
  if (landed.length > 1) {
    const again = await requestPage(slice, { size, query: { offset: '0' }, part: part.part })
    const moved = again.total !== part.expected || !sameKeys(firstPageOf(stream, again), part.head as FirstPage | null)
    if (moved) {
      const state = part.restarts < MAX_RESTARTS ? 'pending' : 'unsettled'
      const data = { state, restarts: part.restarts + 1, expected: null } as const
      await whileCurrent(slice, (tx) => discardPages(tx, part, data))
      return true
    }
  }
  const { count, unplaced, print, everything } = withheldIn(stream, landed, part.expected)
  const items = landed.reduce((sum, page) => sum + page.items, 0)
  const earlier = await earlierParts(streamRun.userId, stream.name, part.part)
  const looksWrong = (everything || unplaced > 0) && earlier[0]?.withheldPrint !== print
  if ((looksWrong && earlier.length > 0) || !isCredible(earlier, items, streamRun.queuedAt)) {
    const data = { state: 'unconfirmed', withheldPrint: print, expected: items } as const
    await whileCurrent(slice, (tx) => discardPages(tx, part, data))
    return true
  }
  await db().$transaction(async (tx) => {
    const where = { readId_part: { readId: part.readId, part: part.part } }
    await tx.readPart.update({
      where,
      // Clearing the version makes the next run read it again, because a first read can't be compared with anything.
      data: { state: 'done', expected: items, withheldPrint: print, ...(looksWrong ? { version: '' } : {}) },
    })
    if (count > 0) await tx.streamRun.update({ where: { id: streamRun.id }, data: { withheld: { increment: count } } })
  })
  return true
}

/** False for a part that lost all or most of its items since its last read, until a later read agrees. */
function isCredible(earlier: EarlierPart[], items: number, now: Date): boolean {
  const lastDone = earlier.findIndex(({ state }) => state === 'done')
  if (!lostTooMuch(earlier[lastDone]?.expected ?? 0, items)) return true
  const doubts = earlier.slice(0, lastDone)
  const other = doubts.findIndex(({ expected }) => !agree(expected ?? 0, items))
  const firstDoubt = (other < 0 ? doubts : doubts.slice(0, other)).at(-1)
  return firstDoubt !== undefined && hasLasted(firstDoubt.read.syncedAt, now)
}

type EarlierPart = Awaited<ReturnType<typeof earlierParts>>[number]

const MAX_EARLIER = 100

/** The earlier reads of the part, newest first. */
function earlierParts(userId: string, stream: string, part: string) {
  return db().readPart.findMany({
    where: {
      part,
      state: { in: ['done', 'unconfirmed'] },
      read: { userId, stream, state: 'complete' },
    },
    orderBy: { readId: 'desc' },
    take: MAX_EARLIER,
    include: { read: { select: { syncedAt: true } } },
  })
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
  const unsettled = new Set<string>()
  for (const { part, withheldPrint } of parts) {
    if (withheldPrint === null) continue
    const [before] = await earlierParts(base.userId, base.stream, part)
    if (before && before.withheldPrint !== withheldPrint) unsettled.add(part)
  }
  await completeRead(read, 'parts', {}, async (tx) => {
    for (const { part, version, state } of parts) {
      const name = bookmarkOf({ part })
      const where = { userId_stream_name: { ...base, name } }
      if (state === 'gone') await tx.bookmark.deleteMany({ where: { ...base, name } })
      if (state === 'done' || (state === 'refused' && !missing.has(part))) {
        // A part that withholds other items than before is read again; a first read can't hide existing rows.
        const value = unsettled.has(part) ? '' : version
        await tx.bookmark.upsert({ where, create: { ...base, name, value }, update: { value } })
      }
    }
  })
}
