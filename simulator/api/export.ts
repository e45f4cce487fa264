import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/clock.ts'
import type { Json } from '#lib/core/table.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import { PODCASTS } from '#simulator/catalog/word-lists.ts'
import { apiError, HttpError, type JsonObject } from '#simulator/core/http.ts'
import { chance, hash, pick } from '#simulator/core/random.ts'
import type { Music, Play } from '#simulator/music/music.ts'
import { isoSeconds } from './playlist-objects.ts'

/**
 * A listener's extended streaming history, as in the files that Spotify sends on request: what the API reports, and in
 * addition songs that were skipped at once, podcasts, private sessions and why each play started and ended.
 */

const SKIPS = 91
const SESSION = 92
const PODCAST = 93
const DEVICE = 94

/** The time that a page covers: about 2,500 rows. */
const PAGE_MS = 40 * DAY
/** A longer pause starts a new session. */
const PAUSE_MS = 3 * MINUTE
/** A commuter's habit that came and went. */
const PODCASTS_FROM = Date.UTC(2021, 8, 1)
const PODCASTS_UNTIL = Date.UTC(2025, 5, 1)

interface Context {
  catalog: Catalog
  music: Music
  key: number
}

/** The parts of a row that differ between songs and podcasts. */
interface Heard {
  endedAt: number
  msPlayed: number
  start: string
  end: string
  isPrivate: boolean
}

function rowOf({ key }: Context, media: JsonObject, { endedAt, msPlayed, start, end, isPrivate }: Heard): JsonObject {
  const hour = Math.floor(endedAt / HOUR)
  // Underground on the way to work.
  const isOffline = [7, 8, 17, 18].includes(hour % 24) && chance(key, DEVICE, hour) < 0.2
  return {
    ts: isoSeconds(endedAt),
    platform: pick(['android', 'android', 'windows', 'web_player'], hash(key, DEVICE, hour, 1)),
    ms_played: msPlayed,
    conn_country: 'ZZ',
    // An address for documentation.
    ip_addr: `192.0.2.${hash(key, DEVICE, hour, 2) % 256}`,
    master_metadata_track_name: null,
    master_metadata_album_artist_name: null,
    master_metadata_album_album_name: null,
    spotify_track_uri: null,
    episode_name: null,
    episode_show_name: null,
    spotify_episode_uri: null,
    audiobook_title: null,
    audiobook_uri: null,
    audiobook_chapter_uri: null,
    audiobook_chapter_title: null,
    ...media,
    reason_start: start,
    reason_end: end,
    shuffle: hash(key, DEVICE, hour, 3) % 3 === 0,
    skipped: end === 'fwdbtn',
    offline: isOffline,
    offline_timestamp: Math.floor((endedAt - msPlayed) / SECOND),
    incognito_mode: isPrivate,
  }
}

function songMedia({ catalog }: Context, ref: number): JsonObject {
  const { name, album } = catalog.track(ref)
  return {
    master_metadata_track_name: name,
    master_metadata_album_artist_name: catalog.nameOf(album.artist),
    master_metadata_album_album_name: album.name,
    spotify_track_uri: `spotify:track:${catalog.id('track', ref)}`,
  }
}

/** Songs that the listener skipped within seconds before a session, looking for something. */
function* skipsBefore(context: Context, play: Play, from: number, isPrivate: boolean): Generator<JsonObject> {
  const { catalog, key } = context
  const seconds = Math.floor(play.playedAt / SECOND)
  if (chance(key, SKIPS, seconds) > 0.3) return
  const artist = catalog.artistOfTrack(play.ref)
  const count = 1 + (hash(key, SKIPS, seconds, 1) % 5)
  let endedAt = play.playedAt - play.msPlayed - MINUTE * 1.5
  for (let nth = 0; nth < count; nth++) {
    const msPlayed = 900 + (hash(key, SKIPS, seconds, 10 + nth) % 11_000)
    endedAt += msPlayed
    if (endedAt - msPlayed < from) continue
    const ref = catalog.trackOf(artist, hash(key, SKIPS, seconds, 20 + nth) >>> 1)
    const start = nth === 0 ? 'appload' : 'fwdbtn'
    yield rowOf(context, songMedia(context, ref), { endedAt, msPlayed, start, end: 'fwdbtn', isPrivate })
  }
}

/** @param before the play that it followed at once @param last no song followed for a while */
function songRow(
  context: Context,
  play: Play,
  { before, last, isPrivate }: { before: Play | undefined; last: boolean; isPrivate: boolean },
): JsonObject {
  const { catalog, key } = context
  const { ref, playedAt, msPlayed } = play
  const isComplete = msPlayed >= catalog.track(ref).durationMs
  const isLeft = last && isComplete && chance(key, SKIPS, ref, 3) < 0.6
  // The API reports plays from half a minute on.
  const heard = isLeft ? Math.floor(31_000 + (msPlayed - 31_000) * chance(key, SKIPS, ref, 4)) : msPlayed
  const end = isLeft ? pick(['endplay', 'logout', 'endplay'], ref) : isComplete ? 'trackdone' : 'fwdbtn'
  return rowOf(context, songMedia(context, ref), {
    endedAt: playedAt,
    msPlayed: heard,
    start: before
      ? before.msPlayed < catalog.track(before.ref).durationMs
        ? 'fwdbtn'
        : 'trackdone'
      : pick(['clickrow', 'playbtn', 'clickrow', 'appload'], ref),
    end,
    isPrivate,
  })
}

/** An episode on some mornings, in bed before the first song. */
function podcastRow(context: Context, day: number): JsonObject | null {
  const { key, catalog } = context
  const at = day * DAY
  if (at < PODCASTS_FROM || at > PODCASTS_UNTIL || chance(key, PODCAST, day) > 0.3) return null
  const show = pick(PODCASTS, hash(key, PODCAST, day, 1) % 3)
  return rowOf(
    context,
    {
      episode_name: `${1 + (day % 211)}: ${catalog.track(catalog.trackOf(day % 900, day)).name}`,
      episode_show_name: show,
      spotify_episode_uri: `spotify:episode:${catalog.id('episode', day)}`,
    },
    {
      endedAt: at + 4 * HOUR + (hash(key, PODCAST, day, 2) % HOUR),
      msPlayed: 6 * MINUTE + (hash(key, PODCAST, day, 3) % (30 * MINUTE)),
      start: 'clickrow',
      end: 'trackdone',
      isPrivate: false,
    },
  )
}

function rowsBetween(context: Context, since: number, until: number): JsonObject[] {
  const { music, key } = context
  const plays = music.plays(since - DAY, until + DAY, Number.POSITIVE_INFINITY).reverse()
  const rows: { at: number; row: JsonObject }[] = []
  let isPrivate = false
  plays.forEach((play, nth) => {
    const before = plays[nth - 1]?.playedAt ?? 0
    const isFirst = play.playedAt - play.msPlayed - before > PAUSE_MS
    const next = plays[nth + 1]
    const isLast = !next || next.playedAt - next.msPlayed - play.playedAt > PAUSE_MS
    if (isFirst) isPrivate = chance(key, SESSION, Math.floor(play.playedAt / SECOND)) < 0.02
    if (play.playedAt <= since || play.playedAt > until) return
    if (isFirst)
      for (const row of skipsBefore(context, play, before, isPrivate)) rows.push({ at: play.playedAt - 1, row })
    rows.push({
      at: play.playedAt,
      row: songRow(context, play, { before: isFirst ? undefined : plays[nth - 1], last: isLast, isPrivate }),
    })
  })
  for (let day = Math.floor(since / DAY); day * DAY < until; day++) {
    const row = podcastRow(context, day)
    const at = row ? Date.parse(String(row.ts)) : 0
    if (row && at > since && at <= until) rows.push({ at, row })
  }
  return rows.sort((a, b) => a.at - b.at).map(({ row }) => row)
}

/**
 * One page of the history before an instant.
 * @param firstAt where the history starts, ms
 * @param before what ended at this instant or later is left out, ms
 */
export function exportPage(
  context: Context,
  { firstAt, before, page }: { firstAt: number; before: number; page: number },
): Json {
  const pages = Math.max(0, Math.ceil((before - firstAt) / PAGE_MS))
  if (!(page >= 0 && page < pages)) throw new HttpError(apiError(404, `There are ${pages} pages`))
  const since = firstAt + page * PAGE_MS
  return { pages, rows: rowsBetween(context, since, Math.min(since + PAGE_MS, before - 1)) }
}
