import { HOUR } from '#lib/core/clock.ts'
import { db, type StreamRead } from '#lib/db.ts'
import { ReadGivenUp } from './incomplete.ts'
import { lastComplete } from './reads.ts'

/**
 * One response must not empty a table: rows can't be restored once Spotify no longer has them. A list that lost all or
 * most of its items is accepted only if a read some hours later agrees (docs/decisions/0032).
 */

const CONFIRMED_AFTER_HOURS = 6
const BOOKMARK = 'unconfirmed'
/** Shorter lists often shrink by half legitimately. */
const MIN_ITEMS = 20

/** True if so many items are gone that a second response must confirm it. */
export function lostTooMuch(before: number, now: number): boolean {
  return before > 0 && (now === 0 || (before >= MIN_ITEMS && now < before / 2))
}

/** True if enough time passed between `first` and `again` for the second response to confirm the first. */
export function hasLasted(first: Date, again: Date): boolean {
  return again.getTime() - first.getTime() >= CONFIRMED_AFTER_HOURS * HOUR
}

/** True if two responses agree: neither lost too much compared with the other. */
export function agree(one: number, other: number): boolean {
  return !lostTooMuch(one, other) && !lostTooMuch(other, one)
}

/** A list that lost too much, as the last reads saw it. */
interface Doubt {
  /** ISO 8601. */
  since: string
  items: number
}

type Reader = Pick<StreamRead, 'userId' | 'stream'>

/** @throws ReadGivenUp for a list that lost too much, until a later read confirms it */
export async function requireCredible(read: Reader & Pick<StreamRead, 'syncedAt'>, items: number): Promise<void> {
  const before = await itemsBefore(read)
  if (!lostTooMuch(before, items)) return forgetDoubt(read)
  const where = { userId_stream_name: doubtOf(read) }
  const doubt = ((await db().bookmark.findUnique({ where }))?.value ?? null) as Doubt | null
  const since = doubt && agree(doubt.items, items) ? doubt.since : read.syncedAt.toISOString()
  if (hasLasted(new Date(since), read.syncedAt)) return forgetDoubt(read)
  const value = { since, items }
  await db().bookmark.upsert({ where, create: { ...doubtOf(read), value }, update: { value } })
  throw new ReadGivenUp({
    problem: `Spotify sent ${items} items, but the list had ${before} before`,
    remedy: `Nothing was removed. If a sync at least ${CONFIRMED_AFTER_HOURS} hours later gets the same result, the missing items are removed.`,
  })
}

/** Called when a read shows the list as it was, so that an earlier suspicious read can't confirm a later one. */
export async function forgetDoubt(read: Reader): Promise<void> {
  await db().bookmark.deleteMany({ where: doubtOf(read) })
}

function doubtOf({ userId, stream }: Reader) {
  return { userId, stream, name: BOOKMARK }
}

/** How many items the list had at its last read. */
async function itemsBefore({ userId, stream }: Reader): Promise<number> {
  const last = await lastComplete(userId, stream)
  return (last?.scope === 'head' ? last.expected : last?.items) ?? 0
}
