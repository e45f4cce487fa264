import pLimit from 'p-limit'
import { DAY, utcDay } from '#lib/core/clock.ts'
import { db, type StreamRead } from '#lib/db.ts'
import { inFlightLimit } from '#lib/quota/request-limits.ts'
import { forgetDoubt, requireCredible } from './credible.ts'
import { ALL_WITHHELD, type Incomplete, REPEATS_ITSELF, ReadGivenUp, tooLong, UNSTABLE } from './incomplete.ts'
import { type FetchedPage, type FirstPage, firstPageOf, landPage, requestPage, sameKeys } from './page.ts'
import { adoptCappedSize, pageSizeFor, smallerSize } from './page-size.ts'
import {
  abandonRead,
  completeRead,
  dropRead,
  firstPageOfRead,
  lastComplete,
  openRead,
  restartRead,
  sizeOf,
} from './reads.ts'
import type { Slice } from './slice.ts'
import { withheldIn } from './withheld.ts'

/**
 * How far a slice got. `more`: the next slice continues. `complete`: the read is complete and waits for its loads.
 * `nothing new`: the list is the same as in the last read. Otherwise why it could not be read.
 */
export type Progress = 'more' | 'complete' | 'nothing new' | Incomplete

/** Newest-first lists are read in full at least this often, even if their first page shows no change. */
const FULL_READ_EVERY_MS = 7 * DAY
/** How often to start over when a list moves while it is read. */
const MAX_RESTARTS = 2
/** Limits a list that never ends. */
const MAX_ITEMS = 200_000
const MAX_AT_ONCE = 64

/**
 * Reads a list page by page and checks that it did not move meanwhile: no item may come twice, and the first page must
 * be the same again at the end. Otherwise a song unliked between two pages would silently hide its neighbor.
 */
export async function extractList(slice: Slice): Promise<Progress> {
  const read = await openRead(slice, await pageSizeFor(slice))
  try {
    return await readList(slice, read)
  } catch (error) {
    if (error instanceof ReadGivenUp) {
      await abandonRead(read)
      return error.outcome
    }
    const pageSize = await smallerSize(slice, read, error)
    if (pageSize === null) throw error
    await restartRead(slice, read, { pageSize })
    return 'more'
  }
}

async function readList(slice: Slice, read: StreamRead): Promise<Progress> {
  if (read.restarts > MAX_RESTARTS) {
    await dropRead(read)
    return UNSTABLE
  }
  if (!read.head) {
    const progress = await readFirstPage(slice, read)
    if (progress !== 'landed') return progress
  }
  const current = await db().streamRead.findUniqueOrThrow({ where: { id: read.id } })
  if (!(await fetchRemaining(slice, current))) return 'more'
  if (await isStable(slice, current)) {
    await completeWholeRead(slice, current)
    return 'complete'
  }
  await restartRead(slice, current, { restarts: current.restarts + 1 })
  return 'more'
}

/** @throws ReadGivenUp when too little came to be believed */
async function completeWholeRead(slice: Slice, read: StreamRead): Promise<void> {
  const { stream, streamRun, instant } = slice
  const pages = await db().landedObject.findMany({
    where: { readId: read.id },
    orderBy: { page: 'asc' },
    select: { items: true, withheld: true },
  })
  const { count, unplaced, print, everything } = withheldIn(stream, pages, read.expected)
  if (everything && !stream.keepsWithheld) throw new ReadGivenUp(ALL_WITHHELD)
  const items = pages.reduce((sum, page) => sum + page.items, 0)
  if (!instant) await requireCredible(read, items)
  await completeRead(read, 'whole', { withheld: count, unplaced, withheldPrint: print }, async (tx) => {
    if (!instant && count > 0) await tx.streamRun.update({ where: { id: streamRun.id }, data: { withheld: count } })
  })
}

async function readFirstPage(slice: Slice, read: StreamRead): Promise<Progress | 'landed'> {
  const { stream, streamRun } = slice
  const size = sizeOf(stream, read)
  slice.budget.take()
  const page = await requestPage(slice, { size })
  const capped = await adoptCappedSize(slice, page, size)
  if (capped !== null) {
    await restartRead(slice, read, { pageSize: capped })
    return 'more'
  }
  requireAdvance(slice, page, 0)
  const first = firstPageOf(stream, page)
  const last = slice.instant ? null : await lastComplete(streamRun.userId, stream.name)
  const mayStopEarly = !streamRun.whole && (await hasRecentFullRead(read))
  // First pages of different sizes can't be compared.
  const comparable = mayStopEarly && last && sizeOf(stream, last) === size ? last : null
  if (comparable && isUnchanged(slice, read, comparable, page, first)) {
    await dropRead(read)
    await forgetDoubt(read)
    return 'nothing new'
  }
  const firstPageSuffices = !!comparable && onlyGrew(slice, comparable, page, first)
  await landPage(slice, read, { page: 0, request: '' }, page)
  const data = { head: { ...first }, expected: page.total }
  const updated = await db().streamRead.update({ where: { id: read.id }, data })
  await db().streamRun.update({ where: { id: streamRun.id }, data: { expected: page.total ?? page.items.length } })
  if (!firstPageSuffices) return 'landed'
  await forgetDoubt(read)
  await completeRead(updated, 'head')
  return 'complete'
}

/**
 * True if the list was read in full within the last week. If that read withheld items that the one before did not, the
 * list is read in full once more: a day after a first read, otherwise next time.
 */
async function hasRecentFullRead({ userId, stream, syncedAt }: StreamRead): Promise<boolean> {
  const [last, before] = await db().streamRead.findMany({
    where: { userId, stream, state: 'complete', scope: 'whole' },
    orderBy: { syncedAt: 'desc' },
    take: 2,
  })
  if (!last || syncedAt.getTime() - last.syncedAt.getTime() >= FULL_READ_EVERY_MS) return false
  if (last.withheldPrint === null || last.withheldPrint === before?.withheldPrint) return true
  // Items withheld from a first read can't hide existing rows, so there is no hurry.
  return !before && utcDay(last.syncedAt) === utcDay(syncedAt)
}

function isCompleteList({ stream }: Slice, page: FetchedPage): boolean {
  return stream.paging === 'single' || (!page.hasNext && (page.total ?? 0) <= stream.limit)
}

/** True if first page and total match the last read. A list in no particular order must also fit on that page. */
function isUnchanged(slice: Slice, read: StreamRead, last: StreamRead, page: FetchedPage, first: FirstPage): boolean {
  // A daily history needs today's partition even if the list is the same as yesterday.
  if (slice.stream.history?.kind === 'daily' && utcDay(last.syncedAt) !== utcDay(read.syncedAt)) return false
  const before = firstPageOfRead(last)
  if (page.total !== last.expected || !sameKeys(before, first)) return false
  return slice.stream.changeDetection !== undefined || (isCompleteList(slice, page) && before?.hash === first.hash)
}

/** True if new items in front of the old first page explain the new total, so that nothing else can have changed. */
function onlyGrew({ stream }: Slice, last: StreamRead, page: FetchedPage, first: FirstPage): boolean {
  const before = firstPageOfRead(last)
  if (stream.changeDetection !== 'growth' || !before || page.total === null || last.expected === null) return false
  const grown = page.total - last.expected
  if (grown <= 0 || grown >= first.keys.length) return false
  const tail = first.keys.slice(grown)
  return tail.length > 0 && JSON.stringify(tail) === JSON.stringify(before.keys.slice(0, tail.length))
}

/**
 * Fetches missing pages within the budget.
 * @returns true when none is missing anymore
 * @throws ReadGivenUp when the list never ends or its pages repeat
 */
async function fetchRemaining(slice: Slice, read: StreamRead): Promise<boolean> {
  if (slice.stream.paging === 'single') return true
  return slice.stream.paging === 'cursor' ? fetchByCursor(slice, read) : fetchByOffset(slice, read)
}

async function fetchByOffset(slice: Slice, read: StreamRead): Promise<boolean> {
  const size = sizeOf(slice.stream, read)
  for (;;) {
    const landed = await db().landedObject.findMany({
      where: { readId: read.id },
      orderBy: { page: 'asc' },
      select: { page: true, items: true, hasNext: true },
    })
    const landedPages = new Set(landed.map(({ page }) => page))
    const pages = countPages(landed, read.expected, size)
    if (pages * size > MAX_ITEMS) throw new ReadGivenUp(tooLong(MAX_ITEMS))
    const missing = Array.from({ length: pages }, (_, page) => page).filter((page) => !landedPages.has(page))
    if (missing.length === 0) return true
    const affordable = missing.slice(0, MAX_AT_ONCE).filter(() => slice.budget.take())
    if (affordable.length === 0) return false
    await forEachConcurrently(affordable, inFlightLimit(slice.stream.requests), async (page) => {
      const offset = page * size
      const fetched = await requestPage(slice, { size, query: { offset: String(offset) } })
      requireAdvance(slice, fetched, offset, read)
      await landPage(slice, read, { page, request: `offset=${offset}` }, fetched)
    })
    // Without a total, only the items reveal that pages repeat.
    if (read.expected === null && !slice.stream.repeats && hasRepeatedItem(await identitiesOf(read)))
      throw new ReadGivenUp(REPEATS_ITSELF)
  }
}

/**
 * How many pages the list has as far as known: by its total, or more as long as Spotify names a next page. An empty
 * page ends the list. A short page doesn't, because Spotify omits items that it withholds.
 */
export function countPages(
  landed: { page: number; items: number; hasNext: boolean }[],
  total: number | null,
  size: number,
): number {
  const empty = landed.find(({ items }) => items === 0)
  if (empty) return empty.page + 1
  const counted = total === null ? 1 : Math.ceil(total / size)
  const newest = landed.at(-1)
  if (!newest || newest.page + 1 < counted) return counted
  const goesOn = newest.hasNext || (total === null && newest.items >= size)
  return newest.page + (goesOn ? 2 : 1)
}

/** @throws ReadGivenUp for a page that repeats the first one, or has no cursor to the next */
export function requireAdvance(slice: Slice, page: FetchedPage, offset: number, read?: Pick<StreamRead, 'head'>): void {
  const { stream } = slice
  if (page.items.length === 0) return
  const isElsewhere = stream.paging === 'offset' && page.offset !== null && page.offset !== offset
  const first = firstPageOf(stream, page)
  const isFirstAgain =
    offset > 0 &&
    page.offset === null &&
    first.keys.some((key) => key !== null) &&
    sameKeys(first, (read?.head ?? null) as FirstPage | null)
  const hasNoCursor = stream.paging === 'cursor' && page.hasNext && page.cursor === null
  if (isElsewhere || isFirstAgain || hasNoCursor) throw new ReadGivenUp(REPEATS_ITSELF)
}

async function fetchByCursor(slice: Slice, read: StreamRead): Promise<boolean> {
  const size = sizeOf(slice.stream, read)
  const landed = await db().landedObject.findMany({
    where: { readId: read.id },
    orderBy: { page: 'asc' },
    select: { page: true, cursor: true },
  })
  const seen = new Set(landed.map(({ cursor }) => cursor))
  let page = (landed.at(-1)?.page ?? 0) + 1
  let cursor = landed.at(-1)?.cursor ?? null
  while (cursor !== null) {
    if (page * size >= MAX_ITEMS) throw new ReadGivenUp(tooLong(MAX_ITEMS))
    if (!slice.budget.take()) return false
    const fetched = await requestPage(slice, { size, query: { after: cursor } })
    requireAdvance(slice, fetched, page * size)
    // A repeated cursor would loop forever.
    if (fetched.cursor !== null && seen.has(fetched.cursor)) throw new ReadGivenUp(REPEATS_ITSELF)
    await landPage(slice, read, { page, request: `after=${cursor}` }, fetched)
    cursor = fetched.cursor
    seen.add(cursor)
    page++
  }
  return true
}

async function isStable(slice: Slice, read: StreamRead): Promise<boolean> {
  const identities = await identitiesOf(read)
  if (!slice.stream.repeats && hasRepeatedItem(identities)) return false
  if (identities.length <= 1) return true
  const again = await requestPage(slice, { size: sizeOf(slice.stream, read) })
  return again.total === read.expected && sameKeys(firstPageOf(slice.stream, again), firstPageOfRead(read))
}

async function identitiesOf(read: StreamRead): Promise<Buffer[]> {
  const objects = await db().landedObject.findMany({ where: { readId: read.id }, select: { identities: true } })
  return objects.map(({ identities }) => Buffer.from(identities))
}

/** True if an item is on two pages, as in a list that shifts. Twice on one page is fine: some lists repeat items. */
function hasRepeatedItem(pages: Buffer[]): boolean {
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

/** Runs `work` for each entry, at most `limit` at once. After a failure it starts nothing new, and throws the failure. */
async function forEachConcurrently<T>(entries: T[], limit: number, work: (entry: T) => Promise<void>): Promise<void> {
  const limited = pLimit({ concurrency: limit, rejectOnClear: true })
  const attempt = (entry: T) =>
    work(entry).catch((error) => {
      limited.clearQueue()
      throw error
    })
  const results = await Promise.allSettled(entries.map((entry) => limited(attempt, entry)))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
