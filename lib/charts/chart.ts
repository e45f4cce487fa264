import type { z } from 'zod'
import type { DateRange, Preset } from '#lib/core/period.ts'
import type { Cell, TableName } from '#lib/core/table.ts'
import type { UncountedReason } from '#lib/models/counting.ts'
import type { TimeRange } from '#lib/streams/time-ranges.ts'

/** What a chart's SQL can use. Tables are named by the handles that streams and models export. */
export interface QueryContext {
  /** The quoted name in the warehouse. */
  table(table: TableName): string
  /** Whether the table has been loaded or built. */
  has(table: TableName): boolean
  /** The listener's IANA zone. */
  zone: string
  /** The first day of the listener's weeks: 1 = Monday … 7 = Sunday. */
  weekStart: number
  now: Date
  /** The listener's days that are asked about, both included. Charts without a period get the last 28 days. */
  period: DateRange & { preset?: Preset | null }
  /** The days to compare with, or null. */
  compared: DateRange | null
  /** What the chart is about; null if it isn't about one thing. */
  subject: Subject | null
  /** Its id; "" if it isn't about one thing. */
  about: string
  page: PageQuery
}

/** Which rows of a list are asked for. */
export interface PageQuery {
  /** One row more than the page has, which shows whether there are more. */
  limit: number
  /** Rows to skip, of lists without `after`. */
  offset: number
  /** The cells of the fields of `after` in the last row of the page before; null on the first page. */
  after: Cell[] | null
  sort: string
  /** The folded text to search for; "" finds everything. */
  search: string
}

/** What a chart can be about, and the name of the parameter with its id. */
export const SUBJECTS = ['track', 'artist', 'album', 'playlist', 'year', 'genre', 'chart'] as const
export type Subject = (typeof SUBJECTS)[number]

/** How a chart's rows come in pages. */
export interface ListFeatures {
  /** The orders that can be chosen, the default first. */
  sorts: readonly [string, ...string[]]
  /** Rows of a page if the request doesn't say. */
  pageSize: number
  searchable?: true
  /** The fields of a row that the next page continues after. Omitted: pages are counted by rows. */
  after?: readonly string[]
}

/** A number, with the value of the previous period, and since when it counts if that is later than the period's start. */
export type FigureRow = {
  name: string
  days: number | null
  value: number
  previous: number | null
  since: string | null
}

/** A song that was played. */
export type PlayRow = {
  played_at: string
  track_id: string | null
  name: string | null
  artists: string | null
  artwork: string | null
  url: string | null
}

/** An entry of a ranked list. */
export type RankingRow = {
  rank: number
  previous_rank: number | null
  name: string | null
  artwork: string | null
  url: string | null
  /** Only for artists. */
  artist_id?: string | null
  /** Only for songs. */
  track_id?: string | null
  artists?: string | null
  album?: string | null
  duration_ms?: number | null
}

/** An entry of a chart, with the listener's plays of the song. */
export type ChartEntryRow = {
  rank: number
  previous_rank: number | null
  /** Null if the song is only known from charts, so that it has no page. */
  track_id: string | null
  name: string | null
  artists: string | null
  artwork: string | null
  /** Its page at Spotify. */
  url: string | null
  streams: number | null
  peak_rank: number | null
  time_on_chart: number | null
  plays: number
  chart: string
}

/** The rank of one song in one chart. */
export type ChartRankRow = { chart: string; day: string; rank: number; time_on_chart: number | null }

/** A figure about a period. */
export type PeriodFigureRow = { name: string; value: number; previous: number | null; since: string | null }

/** A play with links to the pages of its song and artist. */
export type HistoryRow = {
  played_at: string
  track_id: string
  name: string | null
  artists: string | null
  artist_id: string | null
  artwork: string | null
  uri: string
  ms_played: number
  ms_known: boolean
  counts: boolean
  not_counted: UncountedReason | null
  excluded: boolean
}

/** The rank of one song or artist on one day, in one of Spotify's rankings. */
export type SpotifyRankRow = { day: string; time_range: TimeRange; rank: number }

/** A song or album with the listener's plays of it, which may be none. */
export type MusicListRow = {
  name: string | null
  artwork: string | null
  plays: number
  minutes: number
  last_played: string | null
}

/** An entry of a list ranked by the listener's own plays. */
export type OwnRankingRow = {
  rank: number
  previous_rank: number | null
  name: string | null
  artwork: string | null
  plays: number
  minutes: number
  share: number
  /** Only for songs and albums. */
  artists?: string | null
  /** Plays in equal parts of the period. */
  sparkline?: number[]
  first_played?: string | null
}

/** Where the genres of an artist come from, the first one that has some. `own`: the listener's own map. */
export const GENRE_SOURCES = ['own', 'spotify', 'musicbrainz'] as const
export type GenreSource = (typeof GENRE_SOURCES)[number]

/** A genre with the listener's plays of its artists. */
export type GenreRow = {
  rank: number
  previous_rank: number | null
  genre: string
  artists: string | null
  artist_count: number
  plays: number
  minutes: number
  share: number
}

/** Plays of artists whose genres one source names, or none. */
/** The plays of a genre in one month or year, whose first day is `since`. */
export type GenreShareRow = {
  since: string
  step: 'month' | 'year'
  kind: 'genre' | 'other' | 'none'
  place: number
  genre: string | null
  plays: number
  share: number | null
}

export type GenreSourceRow = { source: string; plays: number; artists: number; share: number }

/** A cell of the week: plays in one hour of one weekday. */
export type WeekHourRow = { weekday: number; hour: number; plays: number; minutes: number }

/** A day of a calendar. `week` is its first day. Nothing is known of days without numbers. */
export type CalendarRow = { day: string; week: string; weekday: number; plays: number | null; minutes: number | null }

/** Minutes up to one day. */
export type TrendRow = {
  day: string
  minutes: number | null
  average: number | null
  rolling_minutes: number | null
  previous_minutes: number | null
  change: number | null
  percent: number | null
}

/** Days in a row with plays. */
export type StreakRow = { name: string; days: number; first_day: string; last_day: string }

/** Plays without a long gap between them. */
export type SessionRow = { started_at: string; ended_at: string; plays: number; songs: number; minutes: number }

/** A month of a year, which may not be known or only a part of it. */
export type YearMonthRow = {
  month: string
  plays: number | null
  minutes: number | null
  first_day: string | null
  last_day: string | null
}

/** Something that happened in a year, mostly with a song. */
export type MomentRow = {
  name: 'first song' | 'busiest day' | 'on repeat' | 'longest session' | 'longest streak' | 'last song'
  started_at: string | null
  first_day: string
  last_day: string
  days: number | null
  plays: number
  minutes: number | null
  track_id: string | null
  song: string | null
  artists: string | null
  artwork: string | null
}

/** What is usual for sessions. */
export type SessionFiguresRow = {
  sessions: number
  average_minutes: number
  average_plays: number
  longest_minutes: number
}

/** What can be counted. Also names the fields of rows that have both. */
export type Measure = 'plays' | 'minutes'

/** One of several series of a drawing. */
export interface Series<Field = string> {
  field: Field
  name: string
}

/** A liked song, saved album or followed artist. */
export type SavedRow = {
  name: string | null
  artwork: string | null
  plays: number | null
  withheld: boolean
  found: number
  artists?: string | null
  artist_id?: string | null
  album?: string | null
  album_id?: string | null
  release_date?: string | null
  /** When it was added, ISO 8601; absent where Spotify doesn't say. */
  added_at?: string | null
}

/** A playlist of the listener's library. */
export type PlaylistRow = {
  playlist_id: string
  name: string | null
  owner: string | null
  artwork: string | null
  items: number | null
  listed: number | null
  hidden: boolean | null
  plays: number | null
  changed_at: string | null
  withheld: boolean
}

/** An entry of a playlist. */
export type PlaylistItemRow = {
  position: number
  kind: 'song' | 'episode' | 'local file'
  track_id: string | null
  name: string | null
  artists: string | null
  artist_id: string | null
  artwork: string | null
  duration_ms: number | null
  added_at: string | null
  withheld: boolean
  plays: number | null
}

/** What was added or removed, or what the first read found. */
export type ListChangeRow = {
  seen_at: string
  change: 'added' | 'removed' | 'first'
  entries: number
  item_type: EntityKind | 'playlists'
  item_id: string | null
  name: string | null
  artists: string | null
  playlist_id?: string | null
  playlist?: string | null
}

/** How much was added and removed in one month, whose first day is 'YYYY-MM-DD'. */
export type MonthChangesRow = { month: string; added: number; removed: number }

/** The rank of one series on one day. */
export type RankRow = { id: string } & Record<string, unknown>

/** What has a page of its own, by the folder of its address. */
export type EntityKind = 'tracks' | 'artists' | 'albums'

/** What the values below bars are. `weekday`: 1 = Monday … 7 = Sunday. */
export type BarLabels = 'day' | 'hour' | 'weekday' | 'day of month' | 'week' | 'month' | 'year'

/** The fields of a row that have a type. */
type FieldOf<Row, Type> = { [Name in keyof Row & string]: Row[Name] extends Type ? Name : never }[keyof Row & string]

/** How a panel draws rows; limited to what their fields allow. The drawings live in app/_ui/draw. */
export type Drawing<Row> =
  | (Row extends FigureRow ? { as: 'figures' } : never)
  | (Row extends PlayRow ? { as: 'plays' } : never)
  | (Row extends RankingRow ? { as: 'ranking' } : never)
  | (Row extends PeriodFigureRow ? { as: 'period figures' } : never)
  | (Row extends HistoryRow ? { as: 'history' } : never)
  | (Row extends SpotifyRankRow ? { as: 'spotify ranks' } : never)
  | (Row extends ChartEntryRow ? { as: 'chart entries' } : never)
  | (Row extends ChartRankRow ? { as: 'chart ranks' } : never)
  | (Row extends MusicListRow ? { as: 'music list'; id: FieldOf<Row, string>; links: EntityKind } : never)
  | (Row extends SavedRow ? { as: 'saved list'; id: FieldOf<Row, string>; links: EntityKind } : never)
  | (Row extends PlaylistRow ? { as: 'playlist cards' } : never)
  | (Row extends PlaylistItemRow ? { as: 'playlist items' } : never)
  | (Row extends ListChangeRow ? { as: 'list changes' } : never)
  | (Row extends MonthChangesRow ? { as: 'month changes' } : never)
  | (Row extends OwnRankingRow ? { as: 'own ranking'; id: FieldOf<Row, string>; links: EntityKind } : never)
  | (Row extends GenreRow ? { as: 'genre ranking' } : never)
  | (Row extends GenreShareRow ? { as: 'genre shares' } : never)
  | (Row extends GenreSourceRow ? { as: 'genre sources' } : never)
  | (Row extends WeekHourRow ? { as: 'week hours'; unit: Measure } : never)
  | (Row extends CalendarRow ? { as: 'calendar'; unit: Measure } : never)
  | (Row extends TrendRow ? { as: 'trend' } : never)
  | (Row extends StreakRow ? { as: 'streaks' } : never)
  | (Row extends YearMonthRow ? { as: 'year months' } : never)
  | (Row extends MomentRow ? { as: 'moments' } : never)
  | (Row extends SessionRow ? { as: 'sessions' } : never)
  | (Row extends SessionFiguresRow ? { as: 'session figures' } : never)
  | { as: 'month bars'; x: FieldOf<Row, string>; series: readonly Series<FieldOf<Row, number>>[] }
  | {
      as: 'bars'
      x: FieldOf<Row, string | number>
      y: FieldOf<Row, number>
      /** The same bar of the period that is compared with. */
      behind?: FieldOf<Row, number | null>
      unit: Measure
      labels: BarLabels
      /** The page selects what is drawn. */
      measured?: Row extends Record<Measure, number> ? true : never
    }
  | (Row extends RankRow
      ? {
          as: 'rank lines'
          x: FieldOf<Row, string>
          y: FieldOf<Row, number>
          series: FieldOf<Row, string | null>
          /** Said instead of a single day. */
          tooFew?: string
        }
      : never)

/** Any drawing, once its chart has checked that it fits. */
export type AnyDrawing =
  | { as: 'figures' | 'plays' | 'ranking' | 'period figures' | 'history' | 'spotify ranks' }
  | { as: 'chart entries' | 'chart ranks' }
  | { as: 'own ranking'; id: string; links: EntityKind }
  | { as: 'music list'; id: string; links: EntityKind }
  | { as: 'genre ranking' | 'genre shares' | 'genre sources' }
  | { as: 'week hours' | 'calendar'; unit: Measure }
  | { as: 'trend' | 'streaks' | 'sessions' | 'session figures' }
  | { as: 'year months' | 'moments' }
  | { as: 'month bars'; x: string; series: readonly Series[] }
  | { as: 'bars'; x: string; y: string; behind?: string; unit: Measure; labels: BarLabels; measured?: true }
  | { as: 'saved list'; id: string; links: EntityKind }
  | { as: 'playlist cards' | 'playlist items' | 'list changes' | 'month changes' }
  | { as: 'rank lines'; x: string; y: string; series: string; tooFew?: string }

/** What the browser needs to know about a chart, besides its rows. */
export interface ChartMetadata {
  /** The panel's heading. */
  title: string
  /** Shown if there are no rows: why, and what happens next. */
  empty: string
  /** What the numbers mean, if the title doesn't say it. */
  note?: string
  draw: AnyDrawing
}

/** What a chart takes besides parameters with a finite set of values. */
interface OpenParams {
  /** It is about a period of the listener's choice, and may be compared with another. */
  period?: true
  /** It is about one of these; a request must have its id. */
  about?: readonly Subject[]
  /** It is about everything, or about one of these if a request has its id. */
  mayBeAbout?: readonly Subject[]
  list?: ListFeatures
}

/** A query and how to draw its rows. */
export interface Chart extends ChartMetadata, OpenParams {
  /** Each has a finite set of values and a default, because results are cached by them. */
  params: z.ZodObject
  /** Tables that must be loaded; until then the result is empty. */
  tables(params: Record<string, string>): TableName[]
  sql(context: QueryContext, params: Record<string, string>): { text: string; values: Cell[] }
  row: z.ZodObject
}

interface ChartDeclaration<Row extends z.ZodObject, Params extends z.ZodObject>
  extends Pick<ChartMetadata, 'title' | 'empty' | 'note'>,
    OpenParams {
  params: Params
  tables(params: z.output<Params>): TableName[]
  sql(context: QueryContext, params: z.output<Params>): { text: string; values: Cell[] }
  row: Row
  draw: Drawing<z.output<Row>>
}

/** Whether a chart has more results than can be prepared ahead. */
export function isOpen({ period, about, mayBeAbout, list }: OpenParams): boolean {
  return Boolean(period || about || mayBeAbout || list)
}

/** Declares a chart; its drawing can only name fields of its row. */
export function defineChart<Row extends z.ZodObject, Params extends z.ZodObject>(
  chart: ChartDeclaration<Row, Params>,
): ChartDeclaration<Row, Params> {
  return chart
}
