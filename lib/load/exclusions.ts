import { now } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import type { Exclusion } from '#lib/models/exclusions.ts'

/** What a listener decided after a moment, or ever, oldest first. At most as much as lib/accounts/exclusions.ts lets in. */
export function exclusionsSince(userId: string, since: Date | null): Promise<Exclusion[]> {
  return db().excludedPlay.findMany({
    where: { userId, ...(since ? { changedAt: { gt: since } } : {}) },
    orderBy: { changedAt: 'asc' },
    select: { playedAt: true, uri: true, excluded: true, changedAt: true },
  })
}

/** Records that the models were built with all decisions up to one. */
export function markApplied(userId: string, until: Date) {
  return db().excludedPlay.updateMany({
    where: { userId, appliedAt: null, changedAt: { lte: until } },
    data: { appliedAt: now() },
  })
}
