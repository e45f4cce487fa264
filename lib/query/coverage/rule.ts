import type { CoverageState, HoleCause, SpotifyExport } from '#lib/api/lists.ts'
import { DAY, MINUTE } from '#lib/core/durations.ts'
import { addDays, countDays, type DateRange, type Day, dayIn } from '#lib/core/period.ts'
import type { ImportedPage } from '#lib/streams/imported-plays.ts'

/** Which times and days of a listener are fully covered (docs/decisions/0076). */

/** What a poll of recently played saw. `overlapped` is false if plays between it and the poll before may be lost. */
export interface SeenPoll {
  at: Date
  oldest: Date | null
  newest: Date | null
  overlapped: boolean | null
}

type ImportSource = ImportedPage['source']

/** The first and the last song of what was imported. */
export interface ImportSpan {
  source: ImportSource
  from: Date
  to: Date
}

export interface Evidence {
  /** Oldest first. Polls that overlap the one before may be missing, except for the last one. */
  polls: readonly SeenPoll[]
  imports: readonly ImportSpan[]
  /** The first and the last play in the warehouse, wherever they come from; null if there is none. */
  plays: { first: Date; last: Date } | null
}

/** A time of which plays may be missing. */
export interface Hole {
  from: Date
  to: Date
  cause: HoleCause
}

export interface Known {
  /** When the data begins; null if there is none. */
  since: Date | null
  /** When it ends: the last poll, or the last song of a later import. */
  until: Date | null
  /** Oldest first, without overlaps. */
  holes: Hole[]
}

interface Stretch {
  from: number
  to: number
}

/** Whether a source is Spotify's own list of everything played, or another tracker's, which may have missed plays. */
const IS_COMPLETE: Record<ImportSource, boolean> = {
  'spotify-extended': true,
  'spotify-account': true,
  'recently-played': false,
  lastfm: false,
  listenbrainz: false,
}

/** Files of one kind continue one another: a shorter time without songs between them is silence. */
const MAX_SILENCE_BETWEEN_FILES = 31 * DAY
/** A shorter time between the last song of an export and the first that was synced is silence. */
const MAX_SILENCE_AT_EDGE = DAY
/** What an import leaves of a hole is the pause between two songs if it is shorter. */
const MAX_PAUSE = 15 * MINUTE

/**
 * The times that are fully covered, and the holes between them.
 *
 * A poll proves that nothing is missing since the poll before if it shows a play that was seen before, however long ago
 * that was: pauses and outages that a later poll overlaps leave no hole. Otherwise there is a hole from that poll to the
 * oldest play of this one. A poll without plays proves nothing once there were some. An export of Spotify covers the time
 * from its first to its last song; rows of other trackers cover none, so what only they know is `import only`. Private
 * sessions and podcasts are not in recently played, so no hole can be seen where they were.
 */
export function knownTimes({ polls, imports, plays }: Evidence): Known {
  const { covered: polled, missed } = polledTimes(polls)
  const exported = spansOf(imports, true)
  const tracked = spansOf(imports, false)
  const covered = union([...polled, ...exported], 0)
  const all = [...covered, ...tracked, ...(plays ? [{ from: plays.first.getTime(), to: plays.last.getTime() }] : [])]
  if (all.length === 0) return { since: null, until: null, holes: [] }
  const since = Math.min(...all.map(({ from }) => from))
  const until = Math.max(...all.map(({ to }) => to))
  const holes = gapsIn({ from: since, to: until }, covered)
    .filter((gap) => !isSilence(gap, missed))
    .flatMap((gap) => {
      const rest = gapsIn(gap, tracked)
      const cause = missed.some((one) => overlap(one, gap)) ? 'missed plays' : 'not synced'
      return [...holesOf(rest, cause), ...holesOf(gapsIn(gap, rest), 'import only')]
    })
    .toSorted((one, other) => one.from.getTime() - other.from.getTime())
  return { since: new Date(since), until: new Date(until), holes }
}

function holesOf(stretches: Stretch[], cause: HoleCause): Hole[] {
  return stretches.map(({ from, to }) => ({ from: new Date(from), to: new Date(to), cause }))
}

/** Whether what no source covers is so short that probably nothing played. Polls have shown that in `missed` some did. */
function isSilence(gap: Stretch, missed: Stretch[]): boolean {
  const about = missed.find((one) => overlap(one, gap))
  if (!about) return gap.to - gap.from <= MAX_SILENCE_AT_EDGE
  const isUntouched = about.from === gap.from && about.to === gap.to
  return !isUntouched && gap.to - gap.from <= MAX_PAUSE
}

/** The times that polls cover, and those between them that Spotify no longer returned. */
function polledTimes(polls: readonly SeenPoll[]): { covered: Stretch[]; missed: Stretch[] } {
  const covered: Stretch[] = []
  const missed: Stretch[] = []
  let last: SeenPoll | null = null
  for (const poll of polls) {
    if (poll.newest === null && last?.newest) continue
    const end = Math.max(poll.at.getTime(), poll.newest?.getTime() ?? 0)
    const start = poll.oldest?.getTime() ?? poll.at.getTime()
    const current = covered.at(-1)
    if (!current || !last) covered.push({ from: start, to: end })
    else if (poll.overlapped === false) {
      current.to = Math.max(current.from, knownUntil(last, start))
      if (start > current.to) missed.push({ from: current.to, to: start })
      covered.push({ from: Math.max(start, current.to), to: end })
    } else current.to = Math.max(current.to, end)
    last = poll
  }
  return { covered, missed }
}

/** The end of what a poll knows: its own time, unless this machine's clock was ahead of Spotify's. */
function knownUntil({ at, newest }: SeenPoll, next: number): number {
  return at.getTime() <= next ? at.getTime() : Math.min(newest?.getTime() ?? next, next)
}

/** The times of imports that are complete, or of those that aren't. */
function spansOf(imports: readonly ImportSpan[], isComplete: boolean): Stretch[] {
  const sources = new Set(imports.map(({ source }) => source).filter((source) => IS_COMPLETE[source] === isComplete))
  return [...sources].flatMap((one) =>
    union(
      imports
        .filter(({ source }) => source === one)
        .map(({ from, to }) => ({ from: from.getTime(), to: to.getTime() })),
      MAX_SILENCE_BETWEEN_FILES,
    ),
  )
}

/** Joins stretches that overlap, or that are at most `tolerance` apart. */
function union(stretches: Stretch[], tolerance: number): Stretch[] {
  const joined: Stretch[] = []
  for (const { from, to } of stretches.toSorted((one, other) => one.from - other.from)) {
    const last = joined.at(-1)
    if (last && from <= last.to + tolerance) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined
}

const overlap = (one: Stretch, other: Stretch) => one.from < other.to && other.from < one.to

/** A stretch minus others. */
function gapsIn({ from, to }: Stretch, others: Stretch[]): Stretch[] {
  const gaps: Stretch[] = []
  let start = from
  for (const other of union(others, 0)) {
    if (other.from > start) gaps.push({ from: start, to: Math.min(other.from, to) })
    start = Math.max(start, other.to)
    if (start >= to) return gaps
  }
  return [...gaps, { from: start, to }]
}

/** Account data reaches back twelve months from when Spotify made it, which takes some days. */
const ACCOUNT_DATA_REACH = 350 * DAY

/** The export of Spotify that brings what is missing, the one that arrives sooner if both do. */
export function exportFor({ from }: Pick<Hole, 'from'>, now: Date): SpotifyExport {
  return now.getTime() - from.getTime() <= ACCOUNT_DATA_REACH ? 'spotify-account' : 'spotify-extended'
}

/** The days of a zone on which a hole is. It ends before its last instant. */
export function daysOfHole({ from, to }: Pick<Hole, 'from' | 'to'>, zone: string): DateRange {
  return { from: dayIn(zone, from), to: dayIn(zone, new Date(Math.max(from.getTime(), to.getTime() - 1))) }
}

/**
 * Each day of a range and how it is known. A day with a hole, however short, is a likely hole.
 * @param range not after today
 * @param heard the days of the range with plays
 */
export function statesOfDays(
  { since, until, holes }: Known,
  { range, heard, zone }: { range: DateRange; heard: ReadonlySet<Day>; zone: string },
): { day: Day; state: CoverageState }[] {
  const first = since && dayIn(zone, since)
  const last = until && dayIn(zone, until)
  const within = holes.map((hole) => ({ ...daysOfHole(hole, zone), cause: hole.cause }))
  return Array.from({ length: countDays(range) }, (_, index) => {
    const day = addDays(range.from, index)
    const causes = within.filter(({ from, to }) => from <= day && day <= to).map(({ cause }) => cause)
    return { day, state: stateOf(day, { first, last, causes, isHeard: heard.has(day) }) }
  })
}

function stateOf(
  day: Day,
  { first, last, causes, isHeard }: { first: Day | null; last: Day | null; causes: HoleCause[]; isHeard: boolean },
): CoverageState {
  if (!first || !last || day < first) return 'before the first data'
  if (causes.some((cause) => cause !== 'import only')) return 'likely hole'
  if (causes.length > 0) return 'import only'
  if (day > last) return 'not synced yet'
  return isHeard ? 'covered' : 'nothing heard'
}

/** The days with holes as ranges that neither overlap nor touch, oldest first. */
export function incompleteDays({ holes }: Known, zone: string): DateRange[] {
  const ranges: DateRange[] = []
  for (const days of holes.map((hole) => daysOfHole(hole, zone))) {
    const last = ranges.at(-1)
    if (last && days.from <= addDays(last.to, 1)) last.to = days.to > last.to ? days.to : last.to
    else ranges.push(days)
  }
  return ranges
}
