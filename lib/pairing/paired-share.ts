import { fold } from '#lib/core/fold.ts'
import { db } from '#lib/db.ts'
import { landedPageReader } from '#lib/storage/landed-pages.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { type ImportedPage, type ImportedPlay, playsOfPage } from '#lib/streams/imported-plays.ts'
import { ARTISTS, TRACKS } from '#lib/streams/music.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { MAX_DISTANCE_MS, matchPlays, type Play, stretchesOf } from './pair.ts'

const PLAYS = streamTable(recentlyPlayed)
const MAX_PLAYS = 1_000_000

/**
 * How many of the plays that Spotify's API reported within the time of an import are in it. Few mean that it is probably
 * somebody else's. Reads the landed pages, so it can be known before anything is loaded.
 */
export async function pairedShare({
  userId,
  importId,
}: {
  userId: string
  importId: string
}): Promise<{ apiPlays: number; paired: number }> {
  const reported = await reportedPlays(userId)
  const near: Play[] = []
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for await (const play of landedPlays(importId)) {
    first = Math.min(first, play.at)
    last = Math.max(last, play.at)
    if (isNear(reported, play.at)) near.push(play)
  }
  const within = reported.filter(({ at }) => at >= first && at <= last)
  const plays = [...within, ...near].sort((a, b) => a.at - b.at || compare(a.uri, b.uri) || a.ms - b.ms)
  let paired = 0
  for await (const stretch of stretchesOf(once(plays))) paired += standIns(stretch)
  return { apiPlays: within.length, paired }
}

/** Plays of the API that any imported play describes. Those of other trackers never pair, but they are evidence too. */
function standIns(stretch: Play[]): number {
  const { pairs, duplicates } = matchPlays(stretch)
  const kept = [...pairs, ...duplicates].map((match) => match.kept)
  return new Set(kept.filter((index) => stretch[index]?.source === 'spotify')).size
}

const compare = (a: Play['uri'], b: Play['uri']) => (a < b ? -1 : Number(a > b))

async function* once<T>(items: T[]): AsyncGenerator<T[]> {
  yield items
}

/** Every play that the API reported, by time. */
async function reportedPlays(userId: string): Promise<Play[]> {
  if (!hasEmbeddedCopy(userId)) return []
  const warehouse = await openEmbeddedCopy({ userId })
  const tables = [PLAYS, TRACKS, ARTISTS].map(({ name }) => name)
  if ((await warehouse.existing('raw', tables)).length < tables.length) return []
  const [plays, tracks, artists] = tables.map((name) => warehouse.table('raw', name))
  const rows = await warehouse.query(
    `select epoch_ms(plays.played_at) as at_ms, plays.uri, coalesce(tracks.duration_ms, 0) as ms, tracks.folded as track,
       artists.folded as artist
     from ${plays} as plays
     left join ${tracks} as tracks on tracks.id = plays.track_id
     left join ${artists} as artists on artists.id = tracks.artist_id
     where plays.track_id is not null order by at_ms`,
    [],
    { limit: MAX_PLAYS },
  )
  return rows.map(({ at_ms, uri, ms, track, artist }) => ({
    source: 'spotify',
    at: Number(at_ms),
    uri: String(uri),
    name: track === null ? null : `${track}\n${artist ?? ''}`,
    ms: Number(ms),
  }))
}

/** The songs of an import, as they landed. */
async function* landedPlays(importId: string): AsyncGenerator<Play> {
  const objects = await db().landedObject.findMany({
    where: { readId: importId, outcome: { in: ['landed', 'loaded'] } },
    orderBy: { page: 'asc' },
    select: { id: true, path: true, etag: true, packedAs: true },
  })
  const textOf = landedPageReader()
  for (const object of objects) {
    const { source, plays } = playsOfPage(JSON.parse(await textOf(object)))
    for (const play of plays) if (play.kind === 'song') yield playOf(play, source)
  }
}

function playOf({ playedAt, uri, msPlayed, track, artist }: ImportedPlay, source: ImportedPage['source']): Play {
  const name = track === null ? null : `${fold(track)}\n${fold(artist ?? '')}`
  return { source, at: Date.parse(playedAt), uri: uri ?? `n-${name}`, name, ms: msPlayed ?? 0 }
}

/** Whether a play is near enough to be the same as one of `plays`, which are sorted by time. */
function isNear(plays: Play[], at: number): boolean {
  let [low, high] = [0, plays.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((plays[middle] as Play).at < at - MAX_DISTANCE_MS) low = middle + 1
    else high = middle
  }
  const next = plays[low]
  return next !== undefined && next.at <= at + MAX_DISTANCE_MS
}
