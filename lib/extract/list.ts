import { DAY, utcDay } from '#lib/core/clock.ts'
import { db, type StreamRead } from '#lib/db.ts'
import { inFlightLimit } from '#lib/quota/request-limits.ts'
import { type AskedPage, askPage, type Head, headOf, landPage, type Slice, sameKeys, sideBySide } from './page.ts'
import { completeRead, dropRead, lastComplete, openRead, readHead, restartRead } from './reads.ts'

/**
 * How far a slice came. `more`: the next slice goes on. `complete`: the read is whole and waits for its loads.
 * `nothing new`: Spotify's list is the one that was read last. `unsettled`: it kept moving.
 */
export type Progress = 'more' | 'complete' | 'nothing new' | 'unsettled'

/** Newest-first lists are read whole at least so often, whatever their head says. */
const WHOLE_EVERY_MS = 7 * DAY
/** A list that moves while it is read is started over so often. */
const MOST_RESTARTS = 2
/** Ends a list that never ends: 4,000 pages of 50 are 200,000 items. */
const MOST_PAGES = 4_000

/**
 * Reads a list whole, page by page, and proves that it did not move meanwhile: after the last page the first one is
 * asked again, and no item may have come twice. Paging while somebody unlikes a song would lose its neighbour silently.
 */
export async function extractList(slice: Slice): Promise<Progress> {
  const read = await openRead(slice)
  if (read.restarts > MOST_RESTARTS) {
    await dropRead(read)
    return 'unsettled'
  }
  if (!read.head) {
    const first = await firstPage(slice, read)
    if (first !== 'more') return first
  }
  const current = await db().streamRead.findUniqueOrThrow({ where: { id: read.id } })
  if (!(await remainingPages(slice, current))) return 'more'
  if (await settled(slice, current)) {
    await completeRead(current, 'whole')
    return 'complete'
  }
  await restartRead(slice, current)
  return 'more'
}

async function firstPage(slice: Slice, read: StreamRead): Promise<Progress> {
  const { stream, streamRun } = slice
  slice.budget.take()
  const page = await askPage(slice)
  const head = headOf(stream, page)
  const last = slice.instant ? null : await lastComplete(streamRun.userId, stream.name)
  const lastWhole = last?.scope === 'whole' ? last : await lastComplete(streamRun.userId, stream.name, 'whole')
  const recent = !!lastWhole && read.syncedAt.getTime() - lastWhole.syncedAt.getTime() < WHOLE_EVERY_MS
  const wanted = streamRun.whole && !slice.instant
  if (last && recent && !wanted && unchanged(slice, read, last, page, head)) {
    await dropRead(read)
    return 'nothing new'
  }
  const merges = !!last && recent && !wanted && onlyGrew(slice, last, page, head)
  await landPage(slice, read, { page: 0, request: '' }, page)
  const data = { head: { ...head }, expected: page.total }
  const known = await db().streamRead.update({ where: { id: read.id }, data })
  await db().streamRun.update({ where: { id: streamRun.id }, data: { expected: page.total ?? page.items.length } })
  if (!merges) return 'more'
  await completeRead(known, 'head')
  return 'complete'
}

function isWholeList({ stream }: Slice, page: AskedPage): boolean {
  if (stream.paging === 'cursor') return page.cursor === null
  return stream.paging === 'single' || page.items.length < stream.limit || page.items.length === page.total
}

/** Head and total as in the last complete read; lists whose order says nothing have to fit into the page. */
function unchanged(slice: Slice, read: StreamRead, last: StreamRead, page: AskedPage, head: Head): boolean {
  // A daily partition is owed even when the list is yesterday's.
  if (slice.stream.history?.kind === 'daily' && utcDay(last.syncedAt) !== utcDay(read.syncedAt)) return false
  const lastHead = readHead(last)
  if (page.total !== last.expected || !sameKeys(lastHead, head)) return false
  return slice.stream.headTells !== undefined || (isWholeList(slice, page) && lastHead?.hash === head.hash)
}

/** New items stand before the old head and explain the change of total: nothing else can have happened. */
function onlyGrew({ stream }: Slice, last: StreamRead, page: AskedPage, head: Head): boolean {
  const lastHead = readHead(last)
  if (stream.headTells !== 'growth' || !lastHead || page.total === null || last.expected === null) return false
  const grown = page.total - last.expected
  if (grown <= 0 || grown >= stream.limit) return false
  const tail = head.keys.slice(grown)
  return tail.length > 0 && JSON.stringify(tail) === JSON.stringify(lastHead.keys.slice(0, tail.length))
}

/** Asks for what is missing, as far as the budget goes. @returns whether nothing is missing any more */
async function remainingPages(slice: Slice, read: StreamRead): Promise<boolean> {
  if (slice.stream.paging === 'single') return true
  return slice.stream.paging === 'cursor' ? followCursor(slice, read) : fillOffsets(slice, read)
}

async function fillOffsets(slice: Slice, read: StreamRead): Promise<boolean> {
  const { limit, requests } = slice.stream
  const landed = await db().landedObject.findMany({ where: { readId: read.id }, select: { page: true, items: true } })
  const have = new Set(landed.map(({ page }) => page))
  const pages = Math.min(
    read.expected === null ? pagesByFullness(landed, limit) : Math.ceil(read.expected / limit),
    MOST_PAGES,
  )
  const missing = Array.from({ length: pages }, (_, page) => page).filter((page) => !have.has(page))
  const now: number[] = []
  for (const page of missing.slice(0, 64)) if (slice.budget.take()) now.push(page)
  await sideBySide(now, inFlightLimit(requests), async (page) => {
    const offset = String(page * limit)
    await landPage(slice, read, { page, request: `offset=${offset}` }, await askPage(slice, { offset }))
  })
  return read.expected === null ? missing.length === 0 : now.length === missing.length
}

/** Without a total, a page that is not full is the last one. */
function pagesByFullness(landed: { page: number; items: number }[], limit: number): number {
  const last = landed.reduce((newest, object) => (object.page > newest.page ? object : newest), { page: -1, items: 0 })
  return last.items >= limit ? last.page + 2 : last.page + 1
}

async function followCursor(slice: Slice, read: StreamRead): Promise<boolean> {
  const newest = await db().landedObject.findFirst({ where: { readId: read.id }, orderBy: { page: 'desc' } })
  let page = (newest?.page ?? 0) + 1
  let cursor = newest?.cursor ?? null
  while (cursor !== null && page < MOST_PAGES) {
    if (!slice.budget.take()) return false
    const answer = await askPage(slice, { after: cursor })
    await landPage(slice, read, { page, request: `after=${cursor}` }, answer)
    // A cursor that names itself would turn in a circle.
    cursor = answer.cursor === cursor ? null : answer.cursor
    page++
  }
  return true
}

async function settled(slice: Slice, read: StreamRead): Promise<boolean> {
  const objects = await db().landedObject.findMany({ where: { readId: read.id }, select: { identities: true } })
  if (!slice.stream.repeats && hasRepeat(objects.map(({ identities }) => Buffer.from(identities)))) return false
  if (objects.length <= 1) return true
  const again = await askPage(slice)
  return again.total === read.expected && sameKeys(headOf(slice.stream, again), readHead(read))
}

/** Whether an item came with two pages: a list that shifts shows it again. Twice on one page is how the list is. */
function hasRepeat(pages: Buffer[]): boolean {
  const seen = new Set<bigint>()
  for (const prints of pages) {
    const page = new Set<bigint>()
    for (let at = 0; at < prints.length; at += 8) page.add(prints.readBigUInt64LE(at))
    for (const print of page) {
      if (seen.has(print)) return true
      seen.add(print)
    }
  }
  return false
}
