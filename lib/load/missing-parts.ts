import { db, type StreamRead } from '#lib/db.ts'

/**
 * The refused parts of a read that leave something missing: those that Spotify showed before, and those that it refuses
 * for the first time. They are asked again by the next run. One that was refused before and never shown is taken for
 * nothing that this listener could read; it must not make every run incomplete, and is asked again when it changes.
 */
export async function missingParts({ id, userId, stream }: StreamRead): Promise<Set<string>> {
  const refused = await db().readPart.findMany({ where: { readId: id, state: 'refused' }, select: { part: true } })
  if (refused.length === 0) return new Set()
  const parts = refused.map(({ part }) => part)
  const before = await db().readPart.groupBy({
    by: ['part', 'state'],
    where: {
      part: { in: parts },
      state: { in: ['done', 'refused'] },
      read: { userId, stream, state: 'complete', id: { lt: id } },
    },
  })
  const known = new Set(before.map(({ part }) => part))
  const shown = new Set(before.flatMap(({ part, state }) => (state === 'done' ? [part] : [])))
  return new Set(parts.filter((part) => shown.has(part) || !known.has(part)))
}

/** Begins the names of bookmarks that hold the version of a part. */
export const PART_BOOKMARK = 'version:'

/** The bookmark that holds the version in which a part was last read. */
export function bookmarkOf({ part }: { part: string }): string {
  return `${PART_BOOKMARK}${part}`
}
