import { db, type StreamRead } from '#lib/db.ts'

/**
 * The refused parts of a read that count as missing: those that Spotify returned before, and those that it refuses for the
 * first time. The next run requests them again. A part that was refused before and never returned is assumed to be
 * unreadable for this listener: it must not make every run incomplete, and is requested again only when it changes.
 */
export async function missingParts({ id, userId, stream }: StreamRead): Promise<Set<string>> {
  const refused = await db().readPart.findMany({ where: { readId: id, state: 'refused' }, select: { part: true } })
  if (refused.length === 0) return new Set()
  const parts = refused.map(({ part }) => part)
  const earlier = await db().readPart.groupBy({
    by: ['part', 'state'],
    where: {
      part: { in: parts },
      state: { in: ['done', 'refused'] },
      read: { userId, stream, state: 'complete', id: { lt: id } },
    },
  })
  const known = new Set(earlier.map(({ part }) => part))
  const shown = new Set(earlier.flatMap(({ part, state }) => (state === 'done' ? [part] : [])))
  return new Set(parts.filter((part) => shown.has(part) || !known.has(part)))
}

/** The prefix of bookmarks that hold the version of a part. */
export const PART_BOOKMARK = 'version:'

/** The name of the bookmark that holds the last version read of a part. */
export function bookmarkOf({ part }: { part: string }): string {
  return `${PART_BOOKMARK}${part}`
}
