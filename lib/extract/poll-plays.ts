import { ulid } from 'ulid'
import { db, type StreamRead } from '#lib/db.ts'
import type { Progress } from './list.ts'
import { type FetchedPage, firstPageOf, landPage, requestPage } from './page.ts'
import { completeRead, dropRead, openRead } from './reads.ts'
import type { Slice } from './slice.ts'

/** The name has been stored since the first version. */
const BOOKMARK = 'last look'

/** The identities of the plays that the last polls saw. */
interface LastPoll {
  keys: string[]
}

/**
 * Polls recently played. Spotify keeps only the last 50 plays, so a poll that does not overlap the one before may have
 * missed some: that hole is recorded, and the stream run ends incomplete. A poll without new plays lands nothing.
 */
export async function pollPlays(slice: Slice): Promise<Progress> {
  const { streamRun, stream } = slice
  const read = await openRead(slice)
  slice.budget.take()
  const page = await requestPage(slice)
  const keys = firstPageOf(stream, page).keys.filter((key) => key !== null)
  const bookmarkKey = { userId: streamRun.userId, stream: stream.name, name: BOOKMARK }
  const bookmark = await db().bookmark.findUnique({ where: { userId_stream_name: bookmarkKey } })
  const last = (bookmark?.value ?? null) as LastPoll | null
  const fresh = keys.filter((key) => !last?.keys.includes(key))
  const overlapped = last ? fresh.length < keys.length || page.items.length < stream.limit : null
  const poll = { ...bounds(slice, read, page), count: keys.length, newCount: fresh.length, overlapped }
  const record = { userId: streamRun.userId, at: new Date(), ...poll }
  if (keys.length === 0 || (fresh.length === 0 && !streamRun.whole)) {
    await db().poll.create({ data: { id: ulid(), ...record } })
    await dropRead(read)
    return 'nothing new'
  }
  await landPage(slice, read, { page: 0, request: '' }, page)
  await completeRead(read, 'whole', async (tx) => {
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

function bounds({ stream }: Slice, read: StreamRead, page: FetchedPage): { oldest: Date | null; newest: Date | null } {
  const column = stream.polled?.at ?? ''
  const times = page.items.flatMap((item, index) => {
    const row =
      item === null ? null : stream.row(item, { rank: index + 1, syncedAt: read.syncedAt.toISOString(), part: null })
    const at = row && !('rejected' in row) ? row[column] : null
    return typeof at === 'string' ? [Date.parse(at)] : []
  })
  if (times.length === 0) return { oldest: null, newest: null }
  return { oldest: new Date(Math.min(...times)), newest: new Date(Math.max(...times)) }
}
