import { now } from '#lib/core/clock.ts'
import { musicBrainz } from '#lib/core/config.ts'
import { db, Prisma } from '#lib/db.ts'
import type { GenreSources, UnknownArtist } from '#lib/models/genres.ts'

/** Where the genres of a listener's build come from: their own map, and what MusicBrainz has responded to the instance. */
export function genreSources(userId: string): GenreSources {
  let hasResponses: Promise<boolean> | undefined
  return {
    choicesSince: (since) =>
      db().genreChoice.findMany({
        where: { userId, ...(since ? { changedAt: { gt: since } } : {}) },
        orderBy: { changedAt: 'asc' },
        select: { artistId: true, genres: true, changedAt: true },
      }),
    async addChoices(choices) {
      if (choices.length === 0) return
      await db().genreChoice.createMany({
        data: choices.map((choice) => ({ ...choice, userId })),
        skipDuplicates: true,
      })
    },
    async responses(folded) {
      hasResponses ??= db()
        .artistGenres.findFirst({ where: { fetchedAt: { not: null } }, select: { name: true } })
        .then(Boolean)
      if (folded.length === 0 || !(await hasResponses)) return new Map()
      const known = await db().artistGenres.findMany({
        where: { name: { in: folded }, fetchedAt: { not: null } },
        select: { name: true, genres: true },
      })
      return new Map(known.map(({ name, genres }) => [name, genres ?? '']))
    },
  }
}

/**
 * Queues artists for MusicBrainz, under their names alone: the queue belongs to the instance. Does nothing while it is
 * off. Repeating it changes nothing.
 */
export async function queueArtists(userId: string, unknown: UnknownArtist[]): Promise<void> {
  if (!musicBrainz()) return
  // In one order, so that two builds don't wait for each other.
  const names = [...new Map(unknown.map((artist) => [artist.folded, artist])).values()].sort((one, other) =>
    one.folded < other.folded ? -1 : 1,
  )
  if (names.length > 0)
    await db().$executeRaw(Prisma.sql`
      insert into "ArtistGenres" (name, spelling, weight, "nextAt")
      select name, spelling, weight, ${now()} from unnest(
        ${names.map(({ folded }) => folded)}::text[],
        ${names.map(({ name }) => name)}::text[],
        ${names.map(({ plays }) => plays)}::int[]
      ) as queued(name, spelling, weight)
      on conflict (name) do update set weight = excluded.weight
      where "ArtistGenres"."fetchedAt" is null and "ArtistGenres".weight < excluded.weight`)
  await db().user.updateMany({
    where: { id: userId },
    data: { genresQueuedAt: now(), genresWaiting: names.length > 0 },
  })
}
