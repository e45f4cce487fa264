import { ulid } from 'ulid'
import { db } from '#lib/db.ts'
import type { Progress } from './list.ts'
import { type AskedPage, askPage, headOf, landPage, type Slice } from './page.ts'
import { completeRead, dropRead, openRead } from './reads.ts'

const BOOKMARK = 'last look'

/** What the last look saw: the identities of its plays. */
interface LastLook {
  keys: string[]
}

/**
 * One look at recently played. Spotify keeps the last 50 plays only, so a look that does not overlap the one before
 * may have missed plays: that is recorded as a hole, and its stream run ends incomplete. A look at nothing but known
 * plays lands no body.
 */
export async function pollPlays(slice: Slice): Promise<Progress> {
  const { streamRun, stream } = slice
  const read = await openRead(slice)
  slice.budget.take()
  const page = await askPage(slice)
  const keys = headOf(stream, page).keys.filter((key) => key !== null)
  const bookmarkKey = { userId: streamRun.userId, stream: stream.name, name: BOOKMARK }
  const bookmark = await db().bookmark.findUnique({ where: { userId_stream_name: bookmarkKey } })
  const last = (bookmark?.value ?? null) as LastLook | null
  const fresh = keys.filter((key) => !last?.keys.includes(key))
  const overlapped = last ? fresh.length < keys.length || page.items.length < stream.limit : null
  const poll = { ...bounds(slice, page), count: keys.length, newCount: fresh.length, overlapped }
  const record = { userId: streamRun.userId, at: new Date(), ...poll }
  if (keys.length === 0 || (fresh.length === 0 && !streamRun.whole)) {
    await db().poll.create({ data: { id: ulid(), ...record } })
    await dropRead(read)
    return 'nothing new'
  }
  await landPage(slice, read, { page: 0, request: '' }, page)
  await completeRead(read, 'whole', async (tx) => {
    // Named after its read, whose stream run ends by what the look saw.
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

function bounds({ stream }: Slice, page: AskedPage): { oldest: Date | null; newest: Date | null } {
  const column = stream.polled?.at ?? ''
  const times = page.items.flatMap((item, index) => {
    const row = item === null ? null : stream.row(item, { rank: index + 1, syncedAt: '', part: null })
    const at = row && !('rejected' in row) ? row[column] : null
    return typeof at === 'string' ? [Date.parse(at)] : []
  })
  if (times.length === 0) return { oldest: null, newest: null }
  return { oldest: new Date(Math.min(...times)), newest: new Date(Math.max(...times)) }
}
