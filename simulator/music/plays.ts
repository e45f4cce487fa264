import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/clock.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import { BoundedMap } from '#simulator/core/bounded-map.ts'
import { chance, type Draw, draws, hash } from '#simulator/core/random.ts'
import type { Context, Play } from './music.ts'
import type { Story } from './story.ts'
import { dayOf, type Taste } from './taste.ts'

/**
 * What a listener plays: sessions over the day, each playing songs from one source (an album from its start, a playlist,
 * an artist, the collection, or no context). Each day is computed on its own.
 */

const SESSION = 31
const REST = 32
/** The average length of a session. */
const PLAYS_PER_SESSION = 9
/** Sessions are cut off at the next one or at midnight, so this many more are started. */
const CUT_FACTOR = 1.14
/** Enough for long_term rankings and their history. */
const MAX_CACHED_DAYS = 800
/** Nobody is silent for longer, so a search for the last plays stops here. */
const MAX_SILENT_DAYS = 60

/** How likely a session starts in each hour of the day (UTC). */
const WEEKDAY = [1, 0, 0, 0, 0, 2, 7, 9, 6, 5, 4, 3, 4, 3, 4, 4, 6, 8, 7, 7, 8, 7, 4, 2]
const WEEKEND = [3, 2, 1, 0, 0, 0, 0, 1, 3, 6, 8, 8, 7, 6, 6, 6, 6, 5, 6, 7, 8, 8, 7, 5]

/** Where a session's tracks come from. */
export interface TrackSource {
  context: Context | null
  next(): number
}

/** @param playlistSource a playlist to play from on a day */
export function createPlays(
  catalog: Catalog,
  taste: Taste,
  listenerId: string,
  {
    playlistSource,
    story,
  }: { playlistSource: (day: number, draw: Draw) => TrackSource | undefined; story: Story | undefined },
) {
  const days = new BoundedMap<number, Play[]>(MAX_CACHED_DAYS)
  const { key, habits } = taste

  function hourOf(day: number, draw: Draw): number {
    const isWeekend = (day + 4) % 7 === 0 || (day + 4) % 7 === 6
    const weights = isWeekend ? WEEKEND : (story?.hours(day) ?? WEEKDAY)
    let rest = draw() * weights.reduce((sum, weight) => sum + weight, 0)
    const hour = weights.findIndex((weight) => {
      rest -= weight
      return rest < 0
    })
    return Math.max(0, hour)
  }

  /** An album of the artist from its start. */
  function albumSource(artist: number, draw: Draw): TrackSource | undefined {
    const albums = catalog.albumsOf(artist)
    const album = albums[Math.floor(draw() * albums.length)]
    if (!album) return undefined
    const tracks = catalog.tracksOf(album)
    let position = 0
    return {
      context: { type: 'album', id: catalog.id('album', album.index) },
      next: () => tracks[position++ % tracks.length] ?? taste.favorite(artist, 0),
    }
  }

  function artistSource(artist: number): TrackSource {
    let position = 0
    return {
      context: { type: 'artist', id: catalog.id('artist', artist) },
      next: () => taste.favorite(artist, position++),
    }
  }

  /** The source of a session that belongs to what happens in the listener's life. */
  function storySource(day: number, draw: Draw): TrackSource | undefined {
    const phase = story?.phase(day)
    if (phase && draw() < phase.share) {
      const artist = taste.artist(phase.since, draws(phase.of))
      return draw() < 0.5 ? albumSource(artist, draw) : artistSource(artist)
    }
    if (!story?.isAlbumDay(day) || draw() > 0.7) return undefined
    const ofDay = draws(hash(key, SESSION, day, 1))
    return albumSource(taste.artist(day, ofDay), ofDay)
  }

  function sourceFor(day: number, draw: Draw): TrackSource {
    const ofStory = story && storySource(day, draw)
    if (ofStory) return ofStory
    const kind = draw()
    const liked = { context: null, next: () => taste.track(day, draw) }
    if (kind < 0.18) return albumSource(taste.artist(day, draw), draw) ?? liked
    if (kind < 0.26) return artistSource(taste.artist(day, draw))
    if (kind < 0.5) return playlistSource(day, draw) ?? liked
    return kind < 0.72 ? { ...liked, context: { type: 'collection', id: listenerId } } : liked
  }

  /** The plays of one session, the last of which ends before `end`. */
  function session(day: number, start: number, end: number, draw: Draw): Play[] {
    const source = sourceFor(day, draw)
    const length = 2 + Math.floor(draw() * (2 * PLAYS_PER_SESSION - 3))
    const plays: Play[] = []
    let before = start
    for (let clock = start; plays.length < length; ) {
      const ref = source.next()
      const skipped = draw() < 0.08
      const { durationMs } = catalog.track(ref)
      clock += Math.floor(skipped ? 31 * SECOND + draw() * 30 * SECOND : durationMs + draw() * 4 * SECOND)
      if (clock >= end) break
      const msPlayed = Math.min(durationMs, clock - before)
      plays.push({ ref, playedAt: clock, msPlayed, context: source.context })
      before = clock
    }
    return plays
  }

  function makeDay(day: number): Play[] {
    if (day < habits.firstDay || chance(key, REST, day) < 0.03) return []
    const volume = story?.volume(day) ?? 1
    if (volume === 0) return []
    const draw = draws(hash(key, SESSION, day))
    const sessions = ((habits.playsPerDay * CUT_FACTOR) / PLAYS_PER_SESSION) * volume * (0.6 + 0.8 * draw())
    const starts = Array.from(
      { length: Math.max(1, Math.round(sessions)) },
      () => day * DAY + hourOf(day, draw) * HOUR + Math.floor(draw() * 55) * MINUTE + Math.floor(draw() * MINUTE),
    ).sort((a, b) => a - b)
    // A session ends when the next one starts, so that no two songs play at once.
    return starts.flatMap((start, nth) => session(day, start, starts[nth + 1] ?? (day + 1) * DAY, draw))
  }

  /** Oldest first. */
  function onDay(day: number): Play[] {
    return days.getOrMake(day, () => makeDay(day))
  }

  return {
    onDay,
    plays(since: number, until: number, limit: number): Play[] {
      const found: Play[] = []
      const firstDay = Math.max(habits.firstDay, dayOf(since))
      let silent = 0
      for (let day = dayOf(until); day >= firstDay && found.length < limit && silent < MAX_SILENT_DAYS; day--) {
        const matches = onDay(day).filter(({ playedAt }) => playedAt > since && playedAt <= until)
        silent = matches.length === 0 ? silent + 1 : 0
        for (let i = matches.length - 1; i >= 0 && found.length < limit; i--) {
          const play = matches[i]
          if (play) found.push(play)
        }
      }
      return found
    },
  }
}
