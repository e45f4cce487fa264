import { fold } from '#lib/core/fold.ts'

/**
 * Whether two titles of an artist probably name the same recording. Only suggested, never decided: an ISRC is proof, a
 * title is not. Remarks about how a recording was published don't matter: `(2011 Remaster)`, `- Remastered`, `[Deluxe
 * Edition]`, `(Album Version)`, `(Bonus Track)`, `- Mono`, `(Explicit)`, and guests: `(feat. …)`, `(with …)`, `ft. …`.
 * Every other remark names another recording: live, acoustic, demo, remix, edit, instrumental, `(Someone’s Version)`,
 * `Pt. 2`. So does another length.
 */

/** One of these makes a remark one about publishing. */
const PUBLISHING =
  /^(re-?master(ed)?|deluxe|expanded|anniversary|bonus|album|original|mono|stereo|explicit|clean|re-?issued?)$/
/** These may be beside it. */
const FILLERS =
  /^(digital(ly)?|versions?|edition|tracks?|special|super|collector'?s|the|and|of|in|\d{1,4}(st|nd|rd|th)?|years?)$/
const GUESTS = /^(feat|ft|featuring|with)\b/

/** How much the length may differ. Masters start and end at slightly different moments. */
const MAX_DIFFERENCE_MS = 5_000

function isPublishing(remark: string): boolean {
  const words = remark
    .replaceAll(/[.,/&]/g, ' ')
    .split(' ')
    .filter(Boolean)
  return (
    words.some((word) => PUBLISHING.test(word)) && words.every((word) => PUBLISHING.test(word) || FILLERS.test(word))
  )
}

/** A title without remarks that don't matter, folded. Empty only if the title is. */
export function cleanedTitle(title: string): string {
  const folded = fold(title).replaceAll('’', "'")
  const withoutBrackets = folded.replaceAll(/\s*[([]([^()[\]]*)[)\]]/g, (whole, remark: string) =>
    GUESTS.test(remark.trim()) || isPublishing(remark) ? '' : whole,
  )
  const [start = '', ...remarks] = withoutBrackets.split(/ [-–—] /)
  const parts = [start, ...remarks.filter((remark) => !GUESTS.test(remark) && !isPublishing(remark))]
  const cleaned = parts.join(' - ').replace(/ (feat|ft)\.? .*$| featuring .*$/, '')
  return cleaned.replaceAll(/\s+/g, ' ').trim() || folded
}

interface Named {
  name: string
  durationMs: number | null
}

/** Whether two songs of the same artist may be one recording. Unknown lengths don't matter. */
export function mayBeSame(one: Named, other: Named): boolean {
  if (cleanedTitle(one.name) !== cleanedTitle(other.name)) return false
  if (one.durationMs === null || other.durationMs === null) return true
  return Math.abs(one.durationMs - other.durationMs) <= MAX_DIFFERENCE_MS
}
