import type { ExportKind, ImportRejection, MemberProblem } from '#lib/api/lists.ts'
import type { ImportedPlay, PlaySource } from '#lib/streams/imported-plays.ts'

/** The job of the process that reads an upload, and the messages it sends. */

/** Raised when a file would be read differently, so that it is read again although it was imported before. */
export const READER_VERSION = 1

/** An uploaded file in the spool folder. */
export interface SpooledFile {
  path: string
  /** As uploaded. Never used as a path. */
  name: string
  /** Its content is that of another file, so its members may be `known`. */
  known?: KnownFile
}

/** Which members of a file were read before. */
export type KnownFile =
  /** By an earlier import: their places, and their names there. */
  | { members: Record<number, string> }
  /** By this one: the number of the same file before it. */
  | { repeats: number }

/** What the listener answered so far, by the kind of question. */
export interface Answers {
  /** IANA zone of times without one. */
  zone?: string
  /** By the position of the member. */
  chart?: Record<string, ChartOfFile>
}

/** Something that a file does not say. */
export type Question =
  /** In which zone a tracker wrote its times. */
  | { kind: 'zone'; file: string }
  /** Which chart of which day a file holds. `chart` and `day` are what its name says. */
  | { kind: 'chart'; position: number; file: string; chart: string | null; day: string | null }

/** `chart` as in the names of Spotify's files, for example "regional-global-weekly"; `day` is the last one it covers. */
export interface ChartOfFile {
  chart: string
  day: string
}

/** Pages of a member. Each member's are numbered within a block of this size, and must not reach the next one's. */
export const MAX_PAGES = 1_000

/** At most 5,000 plays. */
export interface PlaysPage {
  source: PlaySource
  items: ImportedPlay[]
}

/** A row of a chart. */
export interface ChartRow {
  rank: number
  uri: string | null
  track: string | null
  artists: string | null
  /** The label or distributor. */
  source: string | null
  peakRank: number | null
  /** Null for new entries. */
  previousRank: number | null
  /** Days or weeks, as the chart counts. */
  timeOnChart: number | null
  /** Null for charts that don't count streams. */
  streams: number | null
}

/** At most 5,000 rows of one chart of one day. */
export interface ChartPage extends ChartOfFile {
  source: 'charts'
  items: ChartRow[]
}

/** Spotify's audio features of a track, with the names and scales of its API. */
export interface FeatureRow {
  uri: string
  danceability: number | null
  energy: number | null
  key: number | null
  loudness: number | null
  mode: number | null
  speechiness: number | null
  acousticness: number | null
  instrumentalness: number | null
  liveness: number | null
  valence: number | null
  tempo: number | null
  timeSignature: number | null
}

/** At most 5,000 rows. */
export interface FeaturesPage {
  source: 'audio-features'
  items: FeatureRow[]
}

export type ReaderPage = PlaysPage | ChartPage | FeaturesPage

/** The fields of a rejected row that an import keeps. */
export type RejectedValues = Record<string, string | number | boolean | null>

/** A file, or a member of a zip. `position` is the same whenever the same files are read. */
export interface ReaderMember {
  position: number
  /** The uploaded file, and its number. */
  file: string
  fileIndex: number
  /** The member of that zip, or the file itself, and its place in it. */
  name: string
  place: number
  /** Uncompressed. */
  bytes: number
  /** Null if it was not recognized. */
  kind: ExportKind | null
}

/**
 * Members come first, then questions or pages. After a question nothing follows: call again with its answer.
 *
 * A member that is being read ends with `member-done`, or with a second `member` that says that it was refused. Its
 * landed pages are then to be dropped. A known member is not read: its result is that of the same member elsewhere.
 */
export type ReaderMessage =
  | ({ type: 'member'; state: 'reading' | 'known'; problem?: undefined } & ReaderMember)
  | ({ type: 'member'; state: 'skipped' | 'refused'; problem: MemberProblem } & ReaderMember)
  /** `number` counts from 0 within the member, and is the same whenever the member is read. */
  | { type: 'page'; position: number; number: number; page: ReaderPage }
  /** `row` counts from 1 within the member. Only the first 10,000 of an upload; `member-done` counts all. */
  | { type: 'rejected'; position: number; row: number; reason: ImportRejection; values: RejectedValues }
  /** `read` = items of its pages + rejected. */
  | { type: 'member-done'; position: number; read: number; rejected: Partial<Record<ImportRejection, number>> }
  /** Bytes of the recognized members. */
  | { type: 'progress'; done: number; total: number }
  | { type: 'question'; question: Question }
  /** `unlisted`: skipped and refused members beyond the first 500, for which there was no message. */
  | { type: 'done'; unlisted: number }

export interface ReaderOptions {
  answers?: Answers
  signal?: AbortSignal
  /** Positions of members that were read before a crash. */
  skip?: ReadonlySet<number>
  /** How long the process may make no progress. */
  maxSilenceMs?: number
}
