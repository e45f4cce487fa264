import { DAY } from '#lib/core/clock.ts'
import { chance, hash } from '#simulator/core/random.ts'

/**
 * What happened in ten years of one listener's life, as far as their plays show it: years with more and less music,
 * summers away, a listener who studies at night, then commutes, then works at home, and phases of one artist. All of it
 * is in the past, so the present is an ordinary week on any date.
 */

const VOLUME = 71
const AWAY = 72
const ARTIST = 73
const BINGE = 74

const dayOf = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day) / DAY

/** How much is played, from a day on; 1 is the listener's usual amount. */
const VOLUMES = [
  { from: dayOf(2016, 1, 1), volume: 0.74 },
  { from: dayOf(2018, 2, 1), volume: 0.88 },
  { from: dayOf(2019, 7, 1), volume: 0.79 },
  { from: dayOf(2020, 3, 16), volume: 1.28 },
  { from: dayOf(2021, 9, 1), volume: 0.97 },
  { from: dayOf(2023, 4, 1), volume: 0.84 },
  { from: dayOf(2024, 9, 1), volume: 1.02 },
  { from: dayOf(2026, 1, 1), volume: 0.95 },
]

/** From Sunday to Saturday. */
const WEEKDAYS = [0.78, 1, 1.02, 0.98, 1.05, 1.16, 0.96]

const LAST_SUMMER = 2025
/** Without music: a long hike, and a month after which listening began again slowly. */
const SILENCES = [
  { from: dayOf(2019, 9, 2), until: dayOf(2019, 10, 7) },
  { from: dayOf(2023, 2, 6), until: dayOf(2023, 3, 1) },
]

/** Phases of one artist, the share of sessions that are theirs, and what distinguishes the artist. */
const PHASES = [
  { from: dayOf(2018, 3, 1), until: dayOf(2018, 4, 22), share: 0.55, of: 1 },
  { from: dayOf(2021, 1, 9), until: dayOf(2021, 3, 6), share: 0.5, of: 2 },
  { from: dayOf(2022, 10, 14), until: dayOf(2022, 11, 12), share: 0.6, of: 3 },
  { from: dayOf(2024, 9, 20), until: dayOf(2024, 11, 3), share: 0.45, of: 4 },
]
/** The same artist every December. */
const WINTER = { share: 0.3, of: 9 }

/** Hours of the day (UTC) at which sessions start on weekdays. */
const AT_NIGHT = [7, 6, 4, 2, 1, 0, 0, 1, 2, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 7, 8, 9, 9, 8]
const AT_HOME = [1, 0, 0, 0, 0, 1, 3, 5, 7, 8, 8, 7, 5, 7, 8, 8, 7, 6, 5, 6, 7, 6, 4, 2]

export interface Story {
  /** 0 on days without music. */
  volume(day: number): number
  /** When sessions start on weekdays; undefined: as everybody's. */
  hours(day: number): readonly number[] | undefined
  /** What an artist has to be drawn with who is all that matters for a while, and the share of sessions. */
  phase(day: number): { of: number; since: number; share: number } | undefined
  /** Whether one album is played again and again today. */
  isAlbumDay(day: number): boolean
}

/** @param key of the listener */
export function createStory(key: number): Story {
  function isAway(day: number): boolean {
    if (SILENCES.some(({ from, until }) => day >= from && day < until)) return true
    const year = new Date(day * DAY).getUTCFullYear()
    if (year > LAST_SUMMER) return false
    const from = dayOf(year, 7, 5) + (hash(key, AWAY, year) % 35)
    return day >= from && day < from + 8 + (hash(key, AWAY, year, 1) % 8)
  }

  return {
    volume(day) {
      if (isAway(day)) return 0
      const ofYears = VOLUMES.findLast(({ from }) => day >= from)?.volume ?? 1
      const ofSeason = 1 + 0.14 * Math.cos((2 * Math.PI * (day - dayOf(2020, 1, 10))) / 365.25)
      const ofWeekday = WEEKDAYS[(day + 4) % 7] ?? 1
      return ofYears * ofSeason * ofWeekday * (0.85 + 0.3 * chance(key, VOLUME, day))
    },
    hours(day) {
      if (day < dayOf(2019, 7, 1)) return AT_NIGHT
      return day >= dayOf(2020, 3, 16) && day < dayOf(2021, 9, 1) ? AT_HOME : undefined
    },
    phase(day) {
      const one = PHASES.find(({ from, until }) => day >= from && day < until)
      if (one) return { of: hash(key, ARTIST, one.of), since: one.from, share: one.share }
      const at = new Date(day * DAY)
      const isWinter = at.getUTCMonth() === 11 && at.getUTCDate() >= 6 && at.getUTCDate() <= 26
      return isWinter ? { of: hash(key, ARTIST, WINTER.of), since: dayOf(2016, 12, 1), share: WINTER.share } : undefined
    },
    isAlbumDay: (day) => chance(key, BINGE, day) < 0.05,
  }
}
