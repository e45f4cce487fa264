import pLimit from 'p-limit'
import { DAY, utcDay } from '#lib/core/clock.ts'
import { db, type StreamRead } from '#lib/db.ts'
import { inFlightLimit } from '#lib/quota/request-limits.ts'
import { type FetchedPage, type FirstPage, firstPageOf, landPage, requestPage, sameKeys } from './page.ts'
import { completeRead, dropRead, firstPageOfRead, lastComplete, openRead, restartRead } from './reads.ts'
import type { Slice } from './slice.ts'

/**
 * How far a slice got. `more`: the next slice continues. `complete`: the read is complete and waits for its loads.
 * `nothing new`: the list is the same as in the last read. `unstable`: it changed during every attempt to read it.
 */
export type Progress = 'more' | 'complete' | 'nothing new' | 'unstable'

/** Newest-first lists are read in full at least this often, even if their first page shows no change. */
const FULL_READ_EVERY_MS = 7 * DAY
/** How often to start over when a list moves while it is read. */
const MAX_RESTARTS = 2
/** Guards against an endless list: 4,000 pages of 50 are 200,000 items. */
const MAX_PAGES = 4_000

/**
 * Reads a list page by page and checks that it did not move meanwhile: no item may come twice, and the first page must
 * be the same again at the end. Otherwise a song unliked between two pages would silently hide its neighbor.
 */
export async function extractList(slice: Slice): Promise<Progress> {
  const read = await openRead(slice)
  if (read.restarts > MAX_RESTARTS) {
    await dropRead(read)
    return 'unstable'
  }
  if (!read.head) {
    const progress = await readFirstPage(slice, read)
    if (progress !== 'more') return progress
  }
  const current = await db().streamRead.findUniqueOrThrow({ where: { id: read.id } })
  if (!(await fetchRemaining(slice, current))) return 'more'
  if (await isStable(slice, current)) {
    await completeRead(current, 'whole')
    return 'complete'
  }
  await restartRead(slice, current)
  return 'more'
}

async function readFirstPage(slice: Slice, read: StreamRead): Promise<Progress> {
  const { stream, streamRun } = slice
  slice.budget.take()
  const page = await requestPage(slice)
  const first = firstPageOf(stream, page)
  const last = slice.instant ? null : await lastComplete(streamRun.userId, stream.name)
  const lastFull = last?.scope === 'whole' ? last : await lastComplete(streamRun.userId, stream.name, 'whole')
  const fullReadIsRecent = !!lastFull && read.syncedAt.getTime() - lastFull.syncedAt.getTime() < FULL_READ_EVERY_MS
  const mayStopEarly = fullReadIsRecent && !streamRun.whole
  if (last && mayStopEarly && isUnchanged(slice, read, last, page, first)) {
    await dropRead(read)
    return 'nothing new'
  }
  const firstPageSuffices = !!last && mayStopEarly && onlyGrew(slice, last, page, first)
  await landPage(slice, read, { page: 0, request: '' }, page)
  const data = { head: { ...first }, expected: page.total }
  const updated = await db().streamRead.update({ where: { id: read.id }, data })
  await db().streamRun.update({ where: { id: streamRun.id }, data: { expected: page.total ?? page.items.length } })
  if (!firstPageSuffices) return 'more'
  await completeRead(updated, 'head')
  return 'complete'
}

function isCompleteList({ stream }: Slice, page: FetchedPage): boolean {
  if (stream.paging === 'cursor') return page.cursor === null
  return stream.paging === 'single' || page.items.length < stream.limit || page.items.length === page.total
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
  if (grown <= 0 || grown >= stream.limit) return false
  const tail = first.keys.slice(grown)
  return tail.length > 0 && JSON.stringify(tail) === JSON.stringify(before.keys.slice(0, tail.length))
}

/** Fetches missing pages within the budget. @returns true when none is missing any more */
async function fetchRemaining(slice: Slice, read: StreamRead): Promise<boolean> {
  if (slice.stream.paging === 'single') return true
  return slice.stream.paging === 'cursor' ? fetchByCursor(slice, read) : fetchByOffset(slice, read)
}

async function fetchByOffset(slice: Slice, read: StreamRead): Promise<boolean> {
  const { limit, requests } = slice.stream
  const landed = await db().landedObject.findMany({ where: { readId: read.id }, select: { page: true, items: true } })
  const landedPages = new Set(landed.map(({ page }) => page))
  const pages = Math.min(
    read.expected === null ? countPages(landed, limit) : Math.ceil(read.expected / limit),
    MAX_PAGES,
  )
  const missing = Array.from({ length: pages }, (_, page) => page).filter((page) => !landedPages.has(page))
  const affordable: number[] = []
  for (const page of missing.slice(0, 64)) if (slice.budget.take()) affordable.push(page)
  await forEachConcurrently(affordable, inFlightLimit(requests), async (page) => {
    const offset = String(page * limit)
    await landPage(slice, read, { page, request: `offset=${offset}` }, await requestPage(slice, { offset }))
  })
  return read.expected === null ? missing.length === 0 : affordable.length === missing.length
}

/** Without a total, the first page that is not full is the last one. */
function countPages(landed: { page: number; items: number }[], limit: number): number {
  const last = landed.reduce((newest, object) => (object.page > newest.page ? object : newest), { page: -1, items: 0 })
  return last.items >= limit ? last.page + 2 : last.page + 1
}

async function fetchByCursor(slice: Slice, read: StreamRead): Promise<boolean> {
  const newest = await db().landedObject.findFirst({ where: { readId: read.id }, orderBy: { page: 'desc' } })
  let page = (newest?.page ?? 0) + 1
  let cursor = newest?.cursor ?? null
  while (cursor !== null && page < MAX_PAGES) {
    if (!slice.budget.take()) return false
    const fetched = await requestPage(slice, { after: cursor })
    await landPage(slice, read, { page, request: `after=${cursor}` }, fetched)
    // A cursor that points to itself would loop forever.
    cursor = fetched.cursor === cursor ? null : fetched.cursor
    page++
  }
  return true
}

async function isStable(slice: Slice, read: StreamRead): Promise<boolean> {
  const objects = await db().landedObject.findMany({ where: { readId: read.id }, select: { identities: true } })
  if (!slice.stream.repeats && hasRepeatedItem(objects.map(({ identities }) => Buffer.from(identities)))) return false
  if (objects.length <= 1) return true
  const again = await requestPage(slice)
  return again.total === read.expected && sameKeys(firstPageOf(slice.stream, again), firstPageOfRead(read))
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
