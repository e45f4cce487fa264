import { db, type StreamRead } from '#lib/db.ts'
import type { StreamOutcome } from '#lib/runs/runs.ts'

const minuteOf = (at: Date) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** How a look ends that does not reach back to the one before: between them Spotify may have forgotten plays. */
export async function missingPlays(reads: StreamRead[]): Promise<StreamOutcome | null> {
  const hole = await db().poll.findFirst({ where: { id: { in: reads.map(({ id }) => id) }, overlapped: false } })
  if (!hole) return null
  const before = await db().poll.findFirst({
    where: { userId: hole.userId, at: { lt: hole.at }, newest: { not: null } },
    orderBy: { at: 'desc' },
  })
  const since = before?.newest ? `between ${minuteOf(before.newest)} and` : 'before'
  return {
    state: 'incomplete',
    problem: `Plays ${since} ${minuteOf(hole.oldest ?? hole.at)} may be missing`,
    remedy:
      'Spotify shows the last 50 only, so these cannot be fetched any more. With "every 15 minutes" on Settings it happens more rarely.',
  }
}
