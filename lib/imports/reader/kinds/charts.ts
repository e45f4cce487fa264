import { isDay } from '#lib/core/period.ts'
import { MAX_RANK } from '#lib/streams/chart-ranks.ts'
import type { ChartRow } from '../messages.ts'
import { textOf, uriOf, wholeOf } from '../values.ts'
import { cellOf, columnsOf, hasAll } from './columns.ts'
import type { CsvKind, Read } from './kind.ts'

/** A file of https://charts.spotify.com: one chart of one day or week. Which one is only in its name. */

const NAMES = {
  rank: ['rank'],
  uri: ['uri', 'track_uri'],
  track: ['track_name'],
  artists: ['artist_names', 'artist_name'],
  source: ['source', 'label'],
  peak: ['peak_rank'],
  previous: ['previous_rank'],
  time: ['weeks_on_chart', 'days_on_chart'],
  streams: ['streams'],
} as const

type Columns = Partial<Record<keyof typeof NAMES, number>>

/** As in "regional-global-weekly". */
export function isChart(name: string | undefined): name is string {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(name ?? '')
}

/** "regional-global-weekly-2026-11-26.csv", also if a browser added " (1)". */
const FILE = /^((?:regional|viral)-[a-z0-9-]{1,40})-(\d{4}-\d\d-\d\d)(?:[ _]?\(\d+\))?\.csv$/i

function chartOfFile(name: string): { chart?: string; day?: string } {
  const [, chart, day] = FILE.exec(name) ?? []
  return { ...(chart ? { chart: chart.toLowerCase() } : {}), ...(day && isDay(day) ? { day } : {}) }
}

/** -1 and "-" stand for no rank. */
function rankOf(value: unknown): number | null {
  const rank = wholeOf(value)
  return rank !== null && rank > 0 ? rank : null
}

function read(cells: string[], columns: Columns): Read<ChartRow> {
  const cell = (name: keyof Columns) => cellOf(cells, columns[name])
  const rank = rankOf(cell('rank'))
  if (rank === null || rank > MAX_RANK) return 'no rank'
  const uri = uriOf(cell('uri'))
  const track = textOf(cell('track'))
  if (uri === null && track === null) return 'no track'
  return {
    rank,
    uri,
    track,
    artists: textOf(cell('artists')),
    source: textOf(cell('source')),
    peakRank: rankOf(cell('peak')),
    previousRank: rankOf(cell('previous')),
    timeOnChart: rankOf(cell('time')),
    streams: rankOf(cell('streams')),
  }
}

export const charts: CsvKind<ChartRow> = ([header = []], name) => {
  const columns = columnsOf(header, NAMES)
  if (!hasAll(columns, 'rank', 'track', 'artists', 'peak')) return null
  const ofName = chartOfFile(name)
  return {
    kind: 'charts',
    headerLines: 1,
    needsZone: false,
    chart: ofName,
    rows({ answers, position }) {
      const { chart = '', day = '' } = { ...ofName, ...answers.chart?.[position] }
      return {
        read: (cells) => read(cells, columns),
        valuesOf: (cells) => ({
          rank: wholeOf(cellOf(cells, columns.rank)),
          uri: uriOf(cellOf(cells, columns.uri)),
          track: textOf(cellOf(cells, columns.track)),
          artist: textOf(cellOf(cells, columns.artists)),
        }),
        pageOf: (items) => ({ source: 'charts', chart, day, items }),
      }
    },
  }
}
