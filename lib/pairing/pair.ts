import { MINUTE, SECOND } from '#lib/core/durations.ts'

/**
 * Which imported plays are the same as a play that Spotify's API reported, or as another imported one. Everything is
 * matched one to one, nearest first, so that each repetition of a short song keeps its own play. The result depends on
 * the plays alone, not on the order in which they were imported (docs/decisions/0070).
 */

/** Raised when the rules change, so that everything is paired again. */
export const PAIRING_RULE = 2

export const PLAY_SOURCES = [
  'spotify',
  'spotify-extended',
  'spotify-account',
  'recently-played',
  'listenbrainz',
  'lastfm',
] as const
/** Where a play comes from: Spotify's API, or a kind of export. */
export type PlaySource = (typeof PLAY_SOURCES)[number]

/** A play as pairing compares it. Any two values that are equal mean the same address, or the same names. */
export interface Play {
  source: PlaySource
  /**
   * Milliseconds since 1970. The end of the play; of the API's plays it may be the start as well. In account data, the
   * start of the minute in which it ended. Other trackers record about when it started.
   */
  at: number
  uri: string | number
  /** The song's folded title and artist; null if they are unknown. */
  name: string | number | null
  /** How long it was played, milliseconds. Of the API's plays: how long the song is; 0 if that is unknown. */
  ms: number
}

export interface Match {
  /** The index of the imported play. */
  row: number
  /** The index of the play that it is the same as. */
  kept: number
  /** How far the two are from the times that were expected, milliseconds. */
  distance: number
}

export interface Matches {
  /** Imported plays that describe a play of the API: together they are one. */
  pairs: Match[]
  /** Imported plays that another one, or a play of the API, already stands for. */
  duplicates: Match[]
}

/** Clocks of devices and servers differ by seconds. */
const TOLERANCE_MS = 15 * SECOND
/** Other trackers record minutes, and submit plays with their own clocks. */
const TRACKER_TOLERANCE_MS = 2 * MINUTE
/** Account data has the same length as the extended history, some of them rounded. */
const MAX_LENGTH_DIFFERENCE_MS = 2 * SECOND
/** Spotify's API and trackers leave out what was played for less, unless it was half of the song. */
const SHORT_MS = 30 * SECOND
/** Stands in for the length of a song that nothing tells. */
const USUAL_SONG_MS = 5 * MINUTE
/** A song that was paused for long ends long after it started; no window is longer. */
const MAX_SPAN_MS = 180 * MINUTE
/** Of one song, as many plays near one moment are compared. Bounds songs that repeat all night. */
const MAX_CANDIDATES = 200

/** Plays that are further apart than this are never the same, whatever they are. */
export const MAX_DISTANCE_MS = MAX_SPAN_MS + MINUTE + TRACKER_TOLERANCE_MS

/** @param plays sorted by time, then address, then length: ties are decided by this order */
export function matchPlays(plays: readonly Play[]): Matches {
  const of = (source: PlaySource) => [...plays.keys()].filter((index) => plays[index]?.source === source)
  const [api, extended, account] = [of('spotify'), of('spotify-extended'), of('spotify-account')]
  const inAccount = matchOneToOne(plays, { rows: account, kept: extended, by: 'name', distance: accountDistance })
  const exported = [...extended, ...without(account, inAccount)]
  const sameUri = matchOneToOne(plays, { rows: exported, kept: api, by: 'uri', distance: apiDistance })
  // Spotify may report another id of the same song, and account data has none.
  const sameName = matchOneToOne(plays, {
    rows: without(exported, sameUri),
    kept: withoutKept(api, sameUri),
    by: 'name',
    distance: apiDistance,
  })
  const pairs = [...sameUri, ...sameName]
  const duplicates = [...inAccount]
  const stronger = [...exported, ...withoutKept(api, pairs)]
  const recorded = of('recently-played')
  // Some of these files have no names, others no ids.
  const byUri = matchOneToOne(plays, { rows: recorded, kept: stronger, by: 'uri', distance: trackerDistance })
  const byName = matchOneToOne(plays, {
    rows: without(recorded, byUri),
    kept: withoutKept(stronger, byUri),
    by: 'name',
    distance: trackerDistance,
  })
  duplicates.push(...byUri, ...byName)
  stronger.push(...without(recorded, [...byUri, ...byName]))
  for (const source of ['listenbrainz', 'lastfm'] as const) {
    const rows = of(source)
    const found = matchOneToOne(plays, { rows, kept: stronger, by: 'name', distance: trackerDistance })
    duplicates.push(...found)
    stronger.push(...without(rows, found))
  }
  return { pairs, duplicates }
}

function without(rows: number[], matches: Match[]): number[] {
  const matched = new Set(matches.map(({ row }) => row))
  return rows.filter((row) => !matched.has(row))
}

function withoutKept(plays: number[], matches: Match[]): number[] {
  const matched = new Set(matches.map(({ kept }) => kept))
  return plays.filter((play) => !matched.has(play))
}

/** How well two plays fit; null if they can't be the same. */
type Distance = (row: Play, kept: Play) => number | null

interface Matching {
  rows: number[]
  kept: number[]
  /** What has to be equal. */
  by: 'uri' | 'name'
  distance: Distance
}

/** The nearest pair is matched first, and each play at most once. */
function matchOneToOne(plays: readonly Play[], { rows, kept, by, distance }: Matching): Match[] {
  if (rows.length === 0 || kept.length === 0) return []
  const groups = Map.groupBy(kept.toSorted(byTime(plays)), (index) => plays[index]?.[by])
  const candidates: Match[] = []
  for (const row of rows) {
    const play = plays[row] as Play
    const group = play[by] === null ? undefined : groups.get(play[by])
    if (!group) continue
    const from = firstAfter(plays, group, play.at - MAX_DISTANCE_MS)
    const near: Match[] = []
    for (let next = from; next < group.length; next++) {
      const index = group[next] as number
      const other = plays[index] as Play
      if (other.at > play.at + MAX_DISTANCE_MS) break
      const found = distance(play, other)
      if (found !== null) near.push({ row, kept: index, distance: found })
    }
    candidates.push(...(near.length > MAX_CANDIDATES ? near.sort(nearestFirst).slice(0, MAX_CANDIDATES) : near))
  }
  const [rowsTaken, keptTaken] = [new Set<number>(), new Set<number>()]
  return candidates.sort(nearestFirst).filter(({ row, kept }) => {
    if (rowsTaken.has(row) || keptTaken.has(kept)) return false
    rowsTaken.add(row)
    keptTaken.add(kept)
    return true
  })
}

const byTime = (plays: readonly Play[]) => (a: number, b: number) =>
  (plays[a] as Play).at - (plays[b] as Play).at || a - b

function nearestFirst(a: Match, b: Match): number {
  return a.distance - b.distance || a.kept - b.kept || a.row - b.row
}

/** The first position in a group, which is sorted by time, that is not before a moment. */
function firstAfter(plays: readonly Play[], group: number[], at: number): number {
  let [low, high] = [0, group.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((plays[group[middle] as number] as Play).at < at) low = middle + 1
    else high = middle
  }
  return low
}

const bounded = (ms: number) => Math.min(ms, MAX_SPAN_MS)
/** How long the song of a play of the API is, whichever program recorded it. Files of other programs may not say. */
const songOf = ({ source, ms }: Play) => bounded(source === 'recently-played' ? ms || USUAL_SONG_MS : ms)
/** The API's moment may be the start or the end of the play, whichever program recorded it. */
const isOfApi = ({ source }: Play) => source === 'spotify' || source === 'recently-played'
const isShort = (ms: number, durationMs: number) => ms < SHORT_MS && (durationMs === 0 || ms * 2 < durationMs)
/** Account data only has the minute. */
const endOf = ({ source, at }: Play) => ({ from: at, until: source === 'spotify-account' ? at + MINUTE : at })
/** How far a moment is outside of a range; 0 inside. */
const outside = (at: number, from: number, until: number) => Math.max(from - at, at - until, 0)

/** An account row is the extended row that ended in its minute and lasted as long. */
const accountDistance: Distance = (row, kept) => {
  const difference = Math.abs(row.ms - kept.ms)
  const late = outside(kept.at, row.at, row.at + MINUTE)
  return difference > MAX_LENGTH_DIFFERENCE_MS || late > MAX_LENGTH_DIFFERENCE_MS ? null : late + difference
}

/** The API's moment lies within the time from the start of the play to its end; usually it is one of the two. */
const apiDistance: Distance = (row, { at, ms: durationMs }) => {
  if (isShort(row.ms, durationMs)) return null
  const end = endOf(row)
  const longest = bounded(Math.max(row.ms, durationMs))
  if (outside(at, end.from - longest, end.until) > TOLERANCE_MS) return null
  return Math.min(
    outside(at, end.from, end.until),
    outside(at, end.from - row.ms, end.until - row.ms),
    outside(at, end.from - longest, end.until - longest),
  )
}

/** A tracker's moment lies within the play too, or near it. */
const trackerDistance: Distance = ({ at }, kept) => {
  if (kept.source === 'listenbrainz') {
    const distance = Math.abs(at - kept.at)
    return distance > TRACKER_TOLERANCE_MS ? null : distance
  }
  const isApi = isOfApi(kept)
  if (!isApi && kept.ms < SHORT_MS) return null
  const ms = songOf(kept)
  const end = endOf(kept)
  const until = isApi ? end.until + ms : end.until
  if (outside(at, end.from - ms, until) > TRACKER_TOLERANCE_MS) return null
  return Math.min(outside(at, end.from, end.until), outside(at, end.from - ms, end.until - ms), Math.abs(at - until))
}

/** The times between which a play has its counterparts: plays whose windows don't meet are never the same. */
function windowOf(play: Play): { from: number; until: number } {
  const ms = songOf(play)
  const end = endOf(play)
  const margin = TRACKER_TOLERANCE_MS
  if (isOfApi(play)) return { from: play.at - ms - margin, until: play.at + ms + margin }
  if (play.source === 'listenbrainz' || play.source === 'lastfm')
    return { from: play.at - margin, until: play.at + margin }
  return { from: end.from - ms - margin, until: end.until + margin }
}

/**
 * Cuts plays into stretches of time between which none can be the same, so that memory and work are bounded by the
 * longest stretch and new plays only need theirs.
 * @param plays sorted by time
 */
export async function* stretchesOf<P extends Play>(plays: AsyncIterable<P[]>): AsyncGenerator<P[]> {
  let open: P[] = []
  for await (const batch of plays) {
    for (const play of batch) open.push(play)
    const last = open.at(-1)
    if (!last) continue
    // The window of a play that comes later starts at the earliest here.
    const { closed, rest } = cut(open, last.at - MAX_DISTANCE_MS)
    yield* closed
    open = rest
  }
  yield* cut(open, Number.POSITIVE_INFINITY).closed
}

function cut<P extends Play>(plays: P[], laterFrom: number): { closed: P[][]; rest: P[] } {
  const earliest = new Float64Array(plays.length + 1).fill(laterFrom)
  for (let index = plays.length - 1; index >= 0; index--)
    earliest[index] = Math.min(earliest[index + 1] as number, windowOf(plays[index] as P).from)
  const closed: P[][] = []
  let start = 0
  let until = Number.NEGATIVE_INFINITY
  for (const [index, play] of plays.entries()) {
    until = Math.max(until, windowOf(play).until)
    if (until >= (earliest[index + 1] as number)) continue
    closed.push(plays.slice(start, index + 1))
    start = index + 1
  }
  return { closed, rest: plays.slice(start) }
}
