import { type Clock, DAY, HOUR, MINUTE, now as present } from '#lib/core/clock.ts'
import { musicBrainz } from '#lib/core/config.ts'
import { messageOf, Skip } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { type ArtistGenres, db, Prisma } from '#lib/db.ts'
import { markModelsStale } from '#lib/load/build.ts'
import { findArtist, genresOfArtist, MusicBrainzBusy } from '#lib/musicbrainz/musicbrainz.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { NotNow, paced } from './pace.ts'

/** The queue of artists whose genres are fetched from MusicBrainz. It belongs to the instance and has no listener ids. */

/** Artists without genres are looked up again after this: somebody may have added them. */
const LOOK_AGAIN_MS = 90 * DAY
/** What was found stays. */
const NEVER = new Date('9999-12-31T00:00:00.000Z')
/** After a crash, an artist in progress is free again. */
const CLAIM_MS = 10 * MINUTE
const MAX_RETRY_MS = 30 * DAY

/** Builds in a round, so that 10,000 listeners don't build at once. */
const MAX_BUILDS = 20
const BUILD_PAUSE_MS = 5 * MINUTE

interface BatchEnd {
  /** Artists that MusicBrainz has responded about. */
  answered: number
  /** More could be requested at once. */
  more: boolean
}

/**
 * Works off the queue, the most played artists first, until its time is up, MusicBrainz asks for a pause, or another
 * process does the same. Every response is saved at once.
 * @param until milliseconds since 1970
 */
export async function lookUpGenres(until: number, now: Clock = present): Promise<BatchEnd> {
  const api = musicBrainz()
  let answered = 0
  while (api && Date.now() < until) {
    const artist = await claimArtist(now())
    if (!artist) return { answered, more: false }
    try {
      const response = await lookUp(artist, { ...api, until })
      await db().artistGenres.updateMany({
        where: { name: artist.name },
        data: {
          ...response,
          attempts: 0,
          problem: null,
          fetchedAt: now(),
          nextAt: response.genres ? NEVER : new Date(now().getTime() + LOOK_AGAIN_MS),
        },
      })
      answered += 1
    } catch (error) {
      if (error instanceof NotNow) {
        await db().artistGenres.updateMany({ where: { name: artist.name }, data: { nextAt: now() } })
        return { answered, more: false }
      }
      await postpone(artist, error, now())
      if (error instanceof MusicBrainzBusy) {
        log.warn('genres could not be fetched from MusicBrainz', {
          problem: error.message,
          cause: messageOf(error.cause),
        })
        return { answered, more: false }
      }
      if (!(error instanceof Skip)) throw error
    }
  }
  return { answered, more: api !== null }
}

/** In two requests. What the first one found is kept if the second one has to wait. */
async function lookUp(
  { name, spelling, mbid: known }: ArtistGenres,
  api: { url: string; contact: string; paceMs: number; until: number },
): Promise<{ mbid: string | null; genres: string | null }> {
  const mbid = known ?? (await paced(api, () => findArtist(api, spelling)))
  if (!mbid) return { mbid, genres: null }
  await db().artistGenres.updateMany({ where: { name }, data: { mbid } })
  const genres = await paced(api, () => genresOfArtist(api, mbid))
  if (genres === null) {
    // Not searched at once: the search may lag behind, and would find the same id again.
    await db().artistGenres.updateMany({ where: { name }, data: { mbid: null } })
    throw new Skip('MusicBrainz no longer has this artist under its id', {
      remedy: 'Nothing to do. Tracklake searches for the artist again.',
    })
  }
  return { mbid, genres: genres.join(', ') || null }
}

/** Takes the next artist for a while, so that another process doesn't request the same. */
async function claimArtist(at: Date): Promise<ArtistGenres | undefined> {
  const [artist] = await db().$queryRaw<ArtistGenres[]>(Prisma.sql`
    update "ArtistGenres" set "nextAt" = ${new Date(at.getTime() + CLAIM_MS)}
    where name = (
      select name from "ArtistGenres" where "nextAt" <= ${at}
      order by "fetchedAt" is not null, weight desc, name limit 1 for update skip locked
    ) returning *`)
  return artist
}

/** One artist that fails must not hold up the others. */
async function postpone({ name, attempts }: ArtistGenres, error: unknown, at: Date): Promise<void> {
  const retryMs = Math.min(MAX_RETRY_MS, HOUR * 2 ** Math.min(attempts, 20))
  // At first MusicBrainz itself is the likely cause, so the same artist is retried after the pause.
  const isOwn = error instanceof Skip || attempts >= 2
  await db().artistGenres.updateMany({
    where: { name },
    data: {
      attempts: { increment: 1 },
      problem: messageOf(error),
      nextAt: isOwn ? new Date(at.getTime() + retryMs) : at,
    },
  })
}

/**
 * Has models built of listeners whose artists were waiting, the longest waiting first, and of those who have queued none
 * since MusicBrainz was turned on.
 * @param answered whether MusicBrainz has said anything new
 * @returns the connections to load
 */
export async function wakeListeners(answered: boolean, at: Date): Promise<string[]> {
  if (!musicBrainz()) return []
  const connections = await db().warehouseConnection.findMany({
    where: {
      kind: EMBEDDED_KIND,
      modelsState: 'fresh',
      modelsDay: { not: null },
      user: {
        erasingAt: null,
        suspendedAt: null,
        OR: [
          { genresQueuedAt: null },
          ...(answered
            ? [{ genresWaiting: true, genresQueuedAt: { lt: new Date(at.getTime() - BUILD_PAUSE_MS) } }]
            : []),
        ],
      },
    },
    orderBy: { user: { genresQueuedAt: { sort: 'asc', nulls: 'first' } } },
    take: MAX_BUILDS,
    select: { id: true, userId: true },
  })
  for (const { userId } of connections) {
    await db().$transaction(async (tx) => {
      // Not again before the build has queued what is still unknown, even if it fails.
      await tx.user.updateMany({ where: { id: userId }, data: { genresQueuedAt: at } })
      await markModelsStale(tx, userId)
    })
  }
  return connections.map(({ id }) => id)
}
