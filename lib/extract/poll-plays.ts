import { ulid } from 'ulid'
import { db, type StreamRead } from '#lib/db.ts'
import { ALL_WITHHELD } from './incomplete.ts'
import type { Progress } from './list.ts'
import { type FetchedPage, firstPageOf, landPage, requestPage } from './page.ts'
import { cappedSize, pageSizeFor, smallerSize } from './page-size.ts'
import { completeRead, dropRead, openRead, restartRead, sizeOf } from './reads.ts'
import type { Slice } from './slice.ts'

/** The name has been stored since the first version. */
const BOOKMARK = 'last look'

/** The identities of the plays that the last polls saw. */
interface LastPoll {
  keys: string[]
}

/**
 * Polls recently played. Spotify keeps only the last 50 plays, so a poll that does not overlap the one before may have
 * missed some: that hole is recorded, and the stream run ends incomplete. A poll without new plays lands nothing. Only
 * an overlap proves that nothing is missing: real windows often hold just 42 to 49 plays although there are older ones.
 */
export async function pollPlays(slice: Slice): Promise<Progress> {
  const read = await openRead(slice, await pageSizeFor(slice))
  try {
    return await poll(slice, read)
  } catch (error) {
    const pageSize = await smallerSize(slice, read, error)
    if (pageSize === null) throw error
    await restartRead(slice, read, { pageSize })
    return 'more'
  }
}

async function poll(slice: Slice, read: StreamRead): Promise<Progress> {
  const { streamRun, stream } = slice
  const pages = await requestWindow(slice, read)
  const items = pages.flatMap((page) => page.items)
  const keys = pages.flatMap((page) => firstPageOf(stream, page).keys).filter((key) => key !== null)
  const bookmarkKey = { userId: streamRun.userId, stream: stream.name, name: BOOKMARK }
  const bookmark = await db().bookmark.findUnique({ where: { userId_stream_name: bookmarkKey } })
  const last = (bookmark?.value ?? null) as LastPoll | null
  const fresh = keys.filter((key) => !last?.keys.includes(key))
  const hasOlder = pages.at(-1)?.hasNext ?? false
  const overlapped =
    last && keys.length > 0 ? fresh.length < keys.length : await followsEmptyPoll(slice, last, hasOlder)
  const seen = { ...bounds(slice, read, items), count: keys.length, newCount: fresh.length, overlapped }
  const record = { userId: streamRun.userId, at: new Date(), ...seen }
  if (keys.length === 0 || (fresh.length === 0 && !streamRun.whole)) {
    await db().poll.create({ data: { id: ulid(), ...record } })
    await dropRead(read)
    return items.length > 0 && keys.length === 0 ? ALL_WITHHELD : 'nothing new'
  }
  for (const [page, { request, ...response }] of pages.entries())
    await landPage(slice, read, { page, request }, response)
  await completeRead(read, 'whole', {}, async (tx) => {
    // Shares the id of its read: the load looks it up to decide how the stream run ends.
    await tx.poll.create({ data: { id: read.id, ...record } })
    const value = { keys: [...keys, ...(last?.keys ?? [])].slice(0, 2 * stream.limit) }
    await tx.bookmark.upsert({
      where: { userId_stream_name: bookmarkKey },
      create: { ...bookmarkKey, value },
      update: { value },
    })
  })
  return 'complete'
}

/** The window of the last 50 plays: one page, or several if pages have to be smaller. */
async function requestWindow(slice: Slice, read: StreamRead): Promise<(FetchedPage & { request: string })[]> {
  const { stream } = slice
  const size = sizeOf(stream, read)
  const pages: (FetchedPage & { request: string })[] = []
  let before: number | null = null
  let most = 1
  do {
    slice.budget.take()
    const query: Record<string, string> = before === null ? {} : { before: String(before) }
    const page = await requestPage(slice, { size, query })
    pages.push({ ...page, request: new URLSearchParams(query).toString() })
    most = Math.ceil(stream.limit / (cappedSize(page, size) ?? size))
    const oldest: number = bounds(slice, read, page.items).oldest?.getTime() ?? 0
    // Unless the time is earlier than before, the next page would be this one again.
    before = page.hasNext && oldest > 0 && oldest < (before ?? Number.POSITIVE_INFINITY) ? oldest : null
  } while (before !== null && pages.length < most)
  return pages
}

/**
 * The result for a poll with nothing to overlap. Null: it is the first poll, it shows no plays, or it shows everything
 * since polls without plays. False: there are older plays, and they were played since the last poll.
 */
async function followsEmptyPoll({ streamRun }: Slice, last: LastPoll | null, hasOlder: boolean): Promise<false | null> {
  if (last || !hasOlder) return null
  return (await db().poll.count({ where: { userId: streamRun.userId } })) > 0 ? false : null
}

function bounds(
  { stream }: Slice,
  { syncedAt }: StreamRead,
  items: unknown[],
): { oldest: Date | null; newest: Date | null } {
  const column = stream.polled?.at ?? ''
  const times = items.flatMap((item, index) => {
    const row =
      item === null ? null : stream.row(item, { rank: index + 1, syncedAt: syncedAt.toISOString(), part: null })
    const at = row && !('rejected' in row) ? row[column] : null
    return typeof at === 'string' ? [Date.parse(at)] : []
  })
  if (times.length === 0) return { oldest: null, newest: null }
  return { oldest: new Date(Math.min(...times)), newest: new Date(Math.max(...times)) }
}
