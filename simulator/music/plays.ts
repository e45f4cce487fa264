import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/clock.ts'
import { BoundedMap } from '#simulator/core/bounded-map.ts'
import type { Catalogue } from '#simulator/catalogue/catalogue.ts'
import type { Context, Play } from './music.ts'
import { chance, type Draw, draws, hash } from '#simulator/core/random.ts'
import { dayOf, type Taste } from './taste.ts'

/**
 * What a listener plays: sessions over the day, in each one song after the other from one place (an album from its
 * start, a playlist, an artist, the collection or nothing in particular). Every day stands for itself.
 */

const SESSION = 31
const REST = 32
/** On average; the length of a session varies around it. */
const PLAYS_PER_SESSION = 9
/** Sessions that meet the next one or midnight are cut, so a few more are begun. */
const CUT = 1.14
/** Enough for long_term and its history to be counted again and again. */
const DAYS_REMEMBERED = 800
/** Nobody is silent for longer; a search for the last plays ends here. */
const LONGEST_SILENCE_DAYS = 60

/** How likely a session starts in each hour of the day (UTC), working days and weekends. */
const WORKING_DAY = [1, 0, 0, 0, 0, 2, 7, 9, 6, 5, 4, 3, 4, 3, 4, 4, 6, 8, 7, 7, 8, 7, 4, 2]
const WEEKEND = [3, 2, 1, 0, 0, 0, 0, 1, 3, 6, 8, 8, 7, 6, 6, 6, 6, 5, 6, 7, 8, 8, 7, 5]

/** Where the tracks of a session come from. */
export interface TrackSource {
  context: Context | null
  next(): number
}

/** @param playlistPlace a playlist that may be played from on that day */
export function createPlays(
  catalogue: Catalogue,
  taste: Taste,
  listenerId: string,
  playlistPlace: (day: number, draw: Draw) => TrackSource | undefined,
) {
  const days = new BoundedMap<number, Play[]>(DAYS_REMEMBERED)
  const { key, habits } = taste

  function hourOf(day: number, draw: Draw): number {
    const rhythm = (day + 4) % 7 === 0 || (day + 4) % 7 === 6 ? WEEKEND : WORKING_DAY
    let rest = draw() * rhythm.reduce((sum, weight) => sum + weight, 0)
    const hour = rhythm.findIndex((weight) => {
      rest -= weight
      return rest < 0
    })
    return Math.max(0, hour)
  }

  function place(day: number, draw: Draw): TrackSource {
    const kind = draw()
    const liked = { context: null, next: () => taste.track(day, draw) }
    if (kind < 0.18) {
      const albums = catalogue.albumsOf(taste.artist(day, draw))
      const album = albums[Math.floor(draw() * albums.length)]
      if (!album) return liked
      const tracks = catalogue.tracksOf(album)
      let turn = 0
      return {
        context: { type: 'album', id: catalogue.id('album', album.index) },
        next: () => tracks[turn++ % tracks.length] ?? liked.next(),
      }
    }
    if (kind < 0.26) {
      const artist = taste.artist(day, draw)
      let turn = 0
      return {
        context: { type: 'artist', id: catalogue.id('artist', artist) },
        next: () => taste.favourite(artist, turn++),
      }
    }
    if (kind < 0.5) return playlistPlace(day, draw) ?? liked
    return kind < 0.72 ? { ...liked, context: { type: 'collection', id: listenerId } } : liked
  }

  /** The plays of one session, the last of which ends before `end`. */
  function session(day: number, start: number, end: number, draw: Draw): Play[] {
    const from = place(day, draw)
    const length = 2 + Math.floor(draw() * (2 * PLAYS_PER_SESSION - 3))
    const plays: Play[] = []
    for (let clock = start; plays.length < length; ) {
      const ref = from.next()
      const skipped = draw() < 0.08
      clock += Math.floor(
        skipped ? 31 * SECOND + draw() * 30 * SECOND : catalogue.track(ref).durationMs + draw() * 4 * SECOND,
      )
      if (clock >= end) break
      plays.push({ ref, playedAt: clock, context: from.context })
    }
    return plays
  }

  function makeDay(day: number): Play[] {
    if (day < habits.firstDay || chance(key, REST, day) < 0.03) return []
    const draw = draws(hash(key, SESSION, day))
    const wanted = ((habits.playsPerDay * CUT) / PLAYS_PER_SESSION) * (0.6 + 0.8 * draw())
    const starts = Array.from(
      { length: Math.max(1, Math.round(wanted)) },
      () => day * DAY + hourOf(day, draw) * HOUR + Math.floor(draw() * 55) * MINUTE + Math.floor(draw() * MINUTE),
    ).sort((a, b) => a - b)
    // A session ends where the next one starts, at the latest: nobody plays two songs at once.
    return starts.flatMap((start, nth) => session(day, start, starts[nth + 1] ?? (day + 1) * DAY, draw))
  }

  /** In the order in which they were played. */
  function onDay(day: number): Play[] {
    return days.getOrMake(day, () => makeDay(day))
  }

  return {
    onDay,
    plays(since: number, until: number, limit: number): Play[] {
      const found: Play[] = []
      const firstDay = Math.max(habits.firstDay, dayOf(since))
      let silent = 0
      for (let day = dayOf(until); day >= firstDay && found.length < limit && silent < LONGEST_SILENCE_DAYS; day--) {
        const fitting = onDay(day).filter(({ playedAt }) => playedAt > since && playedAt <= until)
        silent = fitting.length === 0 ? silent + 1 : 0
        for (let i = fitting.length - 1; i >= 0 && found.length < limit; i--) {
          const play = fitting[i]
          if (play) found.push(play)
        }
      }
      return found
    },
  }
}
