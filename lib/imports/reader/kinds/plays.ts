import type { ImportRejection } from '#lib/api/lists.ts'
import type { ImportedPlay } from '#lib/streams/imported-plays.ts'
import type { RejectedValues } from '../messages.ts'
import { numberOf, textOf, uriOf } from '../values.ts'

/** What plays of all sources have in common. */

/** A play without anything that only some sources say. */
export const UNKNOWN = {
  uri: null,
  msPlayed: null,
  album: null,
  kind: 'song',
  skipped: null,
  private: null,
  offline: null,
  reasonStart: null,
  reasonEnd: null,
} satisfies Partial<ImportedPlay>

export const isoOf = (at: number): string => new Date(at).toISOString()

/** A play nobody could find again is rejected. */
export function named(play: ImportedPlay): ImportedPlay | ImportRejection {
  return play.uri === null && play.track === null ? 'no name' : play
}

/** What looks like a time that somebody could correct. Other texts are not kept: they could be anything. */
const TIME = /^(?:-?\d{1,6}-\d\d-\d\d[\d:.,TZ+ -]{0,30}|\d{1,2} [A-Za-z]{3,9} \d{4}[\d:, ]{0,20}|-?\d{1,16})$/

/** What of a rejected play is kept. */
export function rejectedPlay(
  raw: Partial<Record<'time' | 'uri' | 'track' | 'artist' | 'album' | 'ms', unknown>>,
): RejectedValues {
  const time = typeof raw.time === 'string' || typeof raw.time === 'number' ? String(raw.time) : ''
  return {
    time: TIME.test(time) ? time : null,
    uri: uriOf(raw.uri),
    track: textOf(raw.track),
    artist: textOf(raw.artist),
    album: textOf(raw.album),
    ms: numberOf(raw.ms),
  }
}
