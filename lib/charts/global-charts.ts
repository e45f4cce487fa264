import { z } from 'zod'
import type { Cell } from '#lib/core/table.ts'
import { DIM_ALBUMS, DIM_TRACKS, STG_CHART_ENTRIES } from '#lib/models/tables.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { foldedSql } from './library.ts'
import { Link } from './link.ts'

/** Global charts that the listener imported, with their own plays of the songs. */

const NO_CHARTS = 'No charts yet. Import a file from charts.spotify.com.'

const TABLES = [STG_CHART_ENTRIES, DIM_TRACKS, DIM_ALBUMS]

/** More lines would not be readable. */
const TOP = 10
const MAX_LINE_DAYS = 30
const MAX_EDITIONS = 2_000

/**
 * The entries of one chart as `e`, the day that is shown as `shown` and the one before it as `before`: the last ones up to
 * the period's end. Without a chart in the request, the one with the newest day.
 */
function editionSql({ table, about, period }: QueryContext): { text: string; values: Cell[] } {
  const entries = table(STG_CHART_ENTRIES)
  const chosen = about ? '?' : `(select chart from ${entries} group by chart order by max(day) desc, chart limit 1)`
  return {
    text: `e as (select * from ${entries} where chart = ${chosen}),
      shown as (select max(day) as day from e where day <= cast(? as date)),
      before as (select max(e.day) as day from e join shown on e.day < shown.day)`,
    values: [...(about ? [about] : []), period.to],
  }
}

/** The listener's song of an entry `r`, if they have ever had to do with it, and what stands for its recording. */
function knownSql({ table }: QueryContext): string {
  return `left join ${table(DIM_TRACKS)} d on d.track_id = r.track_id
    left join ${table(DIM_TRACKS)} rec on rec.track_key = d.recording_key`
}

const ORDERS: Record<string, string> = {
  rank: 'r.rank',
  plays: 'plays desc, r.rank',
  time: 'r.time_on_chart desc nulls last, r.rank',
  name: 'folded nulls last, r.rank',
}

/** One chart of one day or week. */
export const globalCharts = defineChart({
  title: 'Chart',
  empty: NO_CHARTS,
  params: z.object({}),
  mayBeAbout: ['chart'],
  period: true,
  list: { sorts: ['rank', 'plays', 'time', 'name'], pageSize: 100, searchable: true },
  tables: () => TABLES,
  sql(context) {
    const { table, page } = context
    const edition = editionSql(context)
    return {
      text: `with ${edition.text},
        earlier as (
          select e.track_id, min(e.position) as position from e join before on before.day = e.day group by e.track_id
        ),
        r as (
          select e.chart, e.day, e.position as rank, e.track_id, e.uri, e.name, e.artist_names, e.streams, e.source,
            e.time_on_chart, coalesce(e.peak_position, known.position) as peak_rank,
            case when e.source = 'csv' then e.previous_position else earlier.position end as previous_rank
          from e join shown on shown.day = e.day
          left join earlier on earlier.track_id = e.track_id
          left join (select track_id, min(position) as position from e group by track_id) known on known.track_id = e.track_id
        )
        select r.chart, r.day, r.rank, r.previous_rank, d.track_id, coalesce(r.name, d.name) as name,
          coalesce(r.artist_names, d.artist_names) as artists, coalesce(al.image_small_url, al.image_url) as artwork,
          case when r.uri like 'spotify:track:%' then replace(r.uri, 'spotify:track:', 'https://open.spotify.com/track/') end as url,
          r.streams, r.peak_rank, r.time_on_chart, r.source, coalesce(rec.plays, 0) as plays, count(*) over () as found,
          ${foldedSql(['r.name', 'r.artist_names'])} as folded
        from r ${knownSql(context)}
        left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key
        ${page.search ? `where contains(${foldedSql(['r.name', 'r.artist_names'])}, ?)` : ''}
        order by ${ORDERS[page.sort]} limit ? offset ?`,
      values: [...edition.values, ...(page.search ? [page.search] : []), page.limit, page.offset],
    }
  },
  row: z.object({
    chart: z.string(),
    /** The last day that it covers. */
    day: z.string(),
    rank: z.number(),
    /** Null for new entries. */
    previous_rank: z.number().nullable(),
    track_id: z.string().nullable(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    artwork: Link,
    url: Link,
    streams: z.number().nullable(),
    peak_rank: z.number().nullable(),
    /** Weeks or days, as the chart counts. */
    time_on_chart: z.number().nullable(),
    source: z.string(),
    /** The listener's own. */
    plays: z.number(),
    /** How many rows all pages have together. */
    found: z.number(),
  }),
  draw: { as: 'chart entries' },
})

/** How songs of a chart moved up to the day that is shown: its top 10, or those that the listener plays most. */
export const globalChartLines = defineChart({
  title: 'Ranks over time',
  empty: 'You haven’t played any song on this chart.',
  params: z.object({ songs: z.enum(['top', 'played']).default('top') }),
  mayBeAbout: ['chart'],
  period: true,
  tables: () => TABLES,
  sql(context, { songs }) {
    const edition = editionSql(context)
    const chosen =
      songs === 'top'
        ? `select r.track_id, max(r.name) as name from r where r.position <= ${TOP} group by r.track_id`
        : `select r.track_id, r.name from (select r.track_id, max(r.name) as name, max(rec.plays) as plays, min(r.position) as position
             from r ${knownSql(context)} group by r.track_id) r where r.plays > 0 order by r.plays desc, r.position limit ${TOP}`
    return {
      text: `with ${edition.text},
        r as (select e.* from e join shown on shown.day = e.day where e.track_id is not null),
        chosen as (${chosen}),
        days as (select distinct e.day from e join shown on e.day <= shown.day order by day desc limit ${MAX_LINE_DAYS})
        select e.day, chosen.track_id as id, chosen.name, min(e.position) as rank
        from e join days on days.day = e.day join chosen on chosen.track_id = e.track_id
        ${songs === 'top' ? `where e.position <= ${TOP}` : ''}
        group by e.day, chosen.track_id, chosen.name order by e.day, rank, id`,
      values: edition.values,
    }
  },
  row: z.object({ day: z.string(), id: z.string(), name: z.string().nullable(), rank: z.number() }),
  draw: {
    as: 'rank lines',
    x: 'day',
    y: 'rank',
    series: 'name',
    tooFew: 'Import this chart for another day to see how ranks moved.',
  },
})

/** Which charts there are, of which days. */
export const chartEditions = defineChart({
  title: 'Days of charts',
  empty: NO_CHARTS,
  params: z.object({}),
  mayBeAbout: ['chart'],
  tables: () => [STG_CHART_ENTRIES],
  sql: ({ table, about }) => ({
    text: `select chart, day, count(*) as entries, min(source) as source from ${table(STG_CHART_ENTRIES)}
      ${about ? 'where chart = ?' : ''} group by chart, day order by day desc, chart limit ${MAX_EDITIONS}`,
    values: about ? [about] : [],
  }),
  row: z.object({ chart: z.string(), day: z.string(), entries: z.number(), source: z.string() }),
  draw: { as: 'bars', x: 'day', y: 'entries', unit: 'plays', labels: 'day' },
})

/** The ranks of one song in all charts. */
export const songCharts = defineChart({
  title: 'On global charts',
  empty: 'Not on any chart you imported.',
  params: z.object({}),
  about: ['track'],
  tables: () => [STG_CHART_ENTRIES, DIM_TRACKS],
  sql({ table, about }) {
    // Charts have one id of a recording, and the listener may have played another.
    const ids = `select ? as track_id union select other.track_id from ${table(DIM_TRACKS)} one
      join ${table(DIM_TRACKS)} other on other.recording_key = one.recording_key where one.track_id = ?`
    return {
      text: `select chart, day, min(position) as rank, max(time_on_chart) as time_on_chart, min(peak_position) as peak_rank
        from ${table(STG_CHART_ENTRIES)} where track_id in (${ids})
        group by chart, day order by day desc, chart limit ${MAX_EDITIONS}`,
      values: [about, about],
    }
  },
  row: z.object({
    chart: z.string(),
    day: z.string(),
    rank: z.number(),
    time_on_chart: z.number().nullable(),
    peak_rank: z.number().nullable(),
  }),
  draw: { as: 'chart ranks' },
})
