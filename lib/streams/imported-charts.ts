import { z } from 'zod'
import { idFromNames } from '#lib/core/fold.ts'
import { MAX_RANK } from './chart-ranks.ts'
import { type ColumnSet, date, integer, rowOf, text, timestamp, typesOf } from './columns.ts'
import { UNREADABLE } from './rejections.ts'
import { EMPTY_PAGE, type LandedKind } from './stream.ts'

/**
 * Charts of Spotify that a listener downloaded. They land and load like imported
 * plays. docs/decisions/0080-charts.md says why.
 */

const Text = z.string().nullable().catch(null)
const Count = z
  .int()
  .min(1)
  .max(2 ** 31 - 1)
  .nullable()
  .catch(null)

/** One place of a chart. Parsing removes every other field. */
const ChartEntry = z.object({
  rank: z.int().min(1).max(MAX_RANK),
  uri: Text,
  track: Text,
  artists: Text,
  peakRank: Count,
  /** Null for new entries, and where the source does not say. */
  previousRank: Count,
  /** Days or weeks, as the chart counts. */
  timeOnChart: Count,
  /** Null for charts that don't count streams. */
  streams: Count,
})
type ChartEntry = z.infer<typeof ChartEntry>

const MAX_ENTRIES = 5_000

const facts = {
  source: z.enum(['csv', 'playlist']),
  importId: z.string(),
  /** The position of the file, or of the zip's member, that they are from. */
  member: z.int().min(0).default(0),
  /** As in the names of Spotify's files, for example "regional-global-weekly". */
  chart: z.string().min(1).max(100),
  /** The last day that it covers. */
  day: z.iso.date(),
}

/** A page as it lands: one chart of one day. */
export const ImportedChartPage = z.object({ ...facts, items: z.array(ChartEntry).max(MAX_ENTRIES) })
export type ImportedChartPage = z.infer<typeof ImportedChartPage>

/** A landed page, one of whose items may be unreadable. */
const LandedPage = z.object({ ...facts, items: z.array(z.unknown()) })

interface Item {
  entry: ChartEntry
  page: Omit<ImportedChartPage, 'items'>
}

const TRACK_URI = /^spotify:track:([A-Za-z0-9]{1,64})$/

/** Where a file has no address, the id is made of the names, as for imported plays. */
function trackIdOf({ uri, track, artists }: ChartEntry): string | null {
  return TRACK_URI.exec(uri ?? '')?.[1] ?? (track ? idFromNames(track, artists) : null)
}

/** Whether a chart counts weeks. The others count days. */
const isWeekly = ({ chart }: Pick<ImportedChartPage, 'chart'>) => chart.endsWith('-weekly')

const columns: ColumnSet<Item> = {
  chart: text(({ page }) => page.chart),
  day: date(({ page }) => page.day),
  rank: integer(({ entry }) => entry.rank),
  uri: text(({ entry }) => entry.uri),
  track_id: text(({ entry }) => trackIdOf(entry)),
  name: text(({ entry }) => entry.track),
  artist_names: text(({ entry }) => entry.artists),
  streams: integer(({ entry }) => entry.streams),
  peak_rank: integer(({ entry }) => entry.peakRank),
  previous_rank: integer(({ entry }) => entry.previousRank),
  weeks_on_chart: integer(({ entry, page }) => (isWeekly(page) ? entry.timeOnChart : null)),
  days_on_chart: integer(({ entry, page }) => (isWeekly(page) ? null : entry.timeOnChart)),
  source: text(({ page }) => page.source),
  import_id: text(({ page }) => page.importId),
  import_member: integer(({ page }) => page.member),
  imported_at: timestamp((_item, { syncedAt }) => syncedAt),
}

const kind: LandedKind<Item> = {
  name: 'imported_charts',
  table: 'chart_entries',
  title: 'Charts',
  columns: typesOf(columns),
  key: ['chart', 'day', 'rank'],
  // An entry that an earlier import brought stays with that one, so that undoing this one doesn't take it away.
  load: 'append',
  page(body) {
    const { items, ...page } = LandedPage.parse(body)
    const read = (item: unknown): Item | null => {
      const entry = ChartEntry.safeParse(item).data
      return entry ? { entry, page } : null
    }
    return { ...EMPTY_PAGE, items: items.map(read) }
  },
  row: (item, place) => (item === null ? { rejected: UNREADABLE } : rowOf(columns, item, place)),
  hidden: () => null,
}

export const importedCharts: LandedKind = kind
