import { DAY } from '#lib/core/clock.ts'
import type { Json } from '#lib/core/table.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import { chance, hash } from '#simulator/core/random.ts'
import type { Music } from '#simulator/music/music.ts'

/** A made-up weekly chart of the simulated world, as in the files of charts.spotify.com. Half of it is what the listener plays. */

const CHART = 'regional-global-weekly'
const SONGS = 95

const ENTRIES = 50
const WEEKS = 26
/** Charts run for some weeks before the first file, so that songs in it have been there for a while. */
const RUN_IN = 20
const WEEK = 7 * DAY
/** Songs that the listener played most in the last days. */
const OWN_SONGS = 45
const OWN_DAYS = 150
const ARTISTS = 900
const SALT = 94_001

interface Song {
  ref: number
  /** Streams of the best week. */
  strength: number
  /** The week of the most streams, and how slowly it fades. */
  peakWeek: number
  fades: number
}

interface Context {
  catalog: Catalog
  music: Music
  key: number
}

function songsOf({ catalog, music, key }: Context, lastWeek: number): Song[] {
  const until = (lastWeek + 1) * WEEK
  const counts = new Map<number, number>()
  for (const { ref } of music.plays(until - OWN_DAYS * DAY, until, Number.POSITIVE_INFINITY))
    counts.set(ref, (counts.get(ref) ?? 0) + 1)
  const own = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([ref]) => ref)
  const others = Array.from({ length: SONGS }, (_, n) =>
    catalog.trackOf(hash(key, SALT, n) % ARTISTS, hash(key, SALT, n, 1) >>> 1),
  )
  const refs = [...new Set([...own.slice(0, OWN_SONGS), ...others])].slice(0, SONGS)
  return refs.map((ref) => ({
    ref,
    strength: 12_000_000 * (1 + 3 * chance(key, SALT, ref, 2) ** 2),
    peakWeek: lastWeek - Math.floor(chance(key, SALT, ref, 3) * (WEEKS + RUN_IN)) + 4,
    fades: 4 + 22 * chance(key, SALT, ref, 4),
  }))
}

/** A song rises within three weeks and fades slowly. */
function streamsOf({ key }: Context, { ref, strength, peakWeek, fades }: Song, week: number): number {
  const distance = week - peakWeek
  const shape = Math.exp(-Math.abs(distance) / (distance < 0 ? 1.5 : fades))
  return Math.round(strength * shape * (0.92 + 0.16 * chance(key, SALT, ref, 100 + week)))
}

/** The last weeks that ended before an instant, oldest first: {name, rows}, with the columns of the files. */
export function chartFiles(context: Context, before: number): Json {
  const { catalog } = context
  const lastWeek = Math.floor(before / WEEK) - 1
  const songs = songsOf(context, lastWeek)
  const stays = new Map<number, { weeks: number; peak: number; rank: number; week: number }>()
  const files: { name: string; rows: Json[] }[] = []
  for (let week = lastWeek - WEEKS - RUN_IN + 1; week <= lastWeek; week++) {
    const ranked = songs
      .map((song) => ({ song, streams: streamsOf(context, song, week) }))
      .sort((a, b) => b.streams - a.streams || a.song.ref - b.song.ref)
      .slice(0, ENTRIES)
    const rows = ranked.map(({ song: { ref }, streams }, index): Json => {
      const rank = index + 1
      const stay = stays.get(ref)
      const previous = stay?.week === week - 1 ? stay.rank : -1
      const now = { weeks: (stay?.weeks ?? 0) + 1, peak: Math.min(stay?.peak ?? rank, rank), rank, week }
      stays.set(ref, now)
      const { name, album } = catalog.track(ref)
      return {
        rank,
        uri: `spotify:track:${catalog.id('track', ref)}`,
        artist_names: catalog.nameOf(album.artist),
        track_name: name,
        peak_rank: now.peak,
        previous_rank: previous,
        weeks_on_chart: now.weeks,
        streams,
      }
    })
    // 1970-01-01 was a Thursday, so a week ends on the first day of the next one.
    const day = new Date((week + 1) * WEEK).toISOString().slice(0, 10)
    if (week > lastWeek - WEEKS) files.push({ name: `${CHART}-${day}.csv`, rows })
  }
  return { files }
}
