import { HOUR } from '#lib/core/clock.ts'
import { db, type StreamRead } from '#lib/db.ts'
import { ReadGivenUp } from './incomplete.ts'
import { lastComplete } from './reads.ts'
import type { Slice } from './slice.ts'

/**
 * One response must not empty a table: removed rows can't be brought back once Spotify no longer has them. A list that
 * lost all or most of its items is believed when a read some hours later agrees (docs/decisions/0032).
 */

const CONFIRMED_AFTER_HOURS = 6
const BOOKMARK = 'unconfirmed'
/** Shorter lists often change by half. */
const MIN_ITEMS = 20

/** True if so many items are gone that one response is not enough. */
export function lostTooMuch(before: number, now: number): boolean {
  return before > 0 && (now === 0 || (before >= MIN_ITEMS && now < before / 2))
}

/** True if what was seen at `first` has lasted long enough to be believed at `again`. */
export function hasLasted(first: Date, again: Date): boolean {
  return again.getTime() - first.getTime() >= CONFIRMED_AFTER_HOURS * HOUR
}

/** @throws ReadGivenUp for a list that lost too much, until a later read confirms it */
export async function requireCredible(
  { stream, streamRun }: Slice,
  read: Pick<StreamRead, 'userId' | 'stream' | 'syncedAt'>,
  items: number,
): Promise<void> {
  const key = { userId: streamRun.userId, stream: stream.name, name: BOOKMARK }
  const before = await itemsBefore(read)
  if (!lostTooMuch(before, items)) {
    await db().bookmark.deleteMany({ where: key })
    return
  }
  const bookmark = await db().bookmark.findUnique({ where: { userId_stream_name: key } })
  const since = new Date(typeof bookmark?.value === 'string' ? bookmark.value : read.syncedAt)
  if (hasLasted(since, read.syncedAt)) {
    await db().bookmark.deleteMany({ where: key })
    return
  }
  const value = since.toISOString()
  await db().bookmark.upsert({ where: { userId_stream_name: key }, create: { ...key, value }, update: { value } })
  throw new ReadGivenUp({
    problem: `Spotify sent ${items} of the ${before} items that the list had before`,
    remedy: `Nothing is removed yet. If a sync at least ${CONFIRMED_AFTER_HOURS} hours later sees the same, it is.`,
  })
}

/** How many items the list had when it was last read. */
async function itemsBefore({ userId, stream }: Pick<StreamRead, 'userId' | 'stream'>): Promise<number> {
  const last = await lastComplete(userId, stream)
  return (last?.scope === 'head' ? last.expected : last?.items) ?? 0
}
