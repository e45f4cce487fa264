import { z } from 'zod'
import { DAY } from '#lib/core/clock.ts'
import type { Cell } from '#lib/core/table.ts'
import { followedArtists } from '#lib/streams/followed-artists.ts'
import { playlists } from '#lib/streams/playlists.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { PLAY_TABLES, playsSql } from './plays.ts'

const WINDOW_DAYS = 28

const LISTS = [
  { name: 'liked songs', figure: 'saved tracks', source: streamTable(savedTracks) },
  { name: 'playlists', figure: 'playlists', source: streamTable(playlists) },
  { name: 'followed artists', figure: 'followed artists', source: streamTable(followedArtists) },
]

const PLAY_FIGURES = [
  { name: 'plays', value: 'count(*)' },
  { name: 'minutes', value: 'coalesce(round(sum(duration_ms) / 60000.0), 0)' },
  { name: 'artists', value: 'count(distinct artist_id)' },
]

/** The first known play, if it is later than an instant (one value): the figures cover less than their period. */
export const sinceSql = (plays: string) =>
  `(select case when min(played_at) > cast(? as timestamp) then min(played_at) end from ${plays})`

/** Figures about plays: the last 28 days and, once they are completely known, the 28 before. */
function playFigures(context: QueryContext) {
  const { now } = context
  const plays = playsSql(context)
  const since = new Date(now.getTime() - WINDOW_DAYS * DAY).toISOString()
  const before = new Date(now.getTime() - 2 * WINDOW_DAYS * DAY).toISOString()
  return PLAY_FIGURES.map(({ name, value }, index) => ({
    text: `
      select ${index} as position, '${name}, ${WINDOW_DAYS} days' as figure, '${name}' as name, ${WINDOW_DAYS} as days,
        (select ${value} from ${plays} where played_at >= cast(? as timestamp)) as value,
        (select case when (select min(played_at) from ${plays}) <= cast(? as timestamp) then ${value} end
         from ${plays} where played_at >= cast(? as timestamp) and played_at < cast(? as timestamp)) as previous,
        ${sinceSql(plays)} as since`,
    values: [since, before, before, since, since],
  }))
}

function listFigures({ table, has }: QueryContext) {
  return LISTS.filter(({ source }) => has(source)).map(({ name, figure, source }, index) => ({
    text: `select ${10 + index} as position, '${figure}' as figure, '${name}' as name, null as days, count(*) as value, null as previous, cast(null as timestamp) as since from ${table(source)}`,
    values: [],
  }))
}

/** Combines the parts into one list, ordered by `position`. */
export function joinFigures(parts: { text: string; values: Cell[] }[]) {
  const union = parts.map(({ text }) => text).join('\nunion all\n')
  return {
    text: `select figure, name, days, value, previous, since from (${union}) as figures order by position`,
    values: parts.flatMap(({ values }) => values),
  }
}

export const FigureRow = z.object({
  /** For example "plays, 28 days". */
  figure: z.string(),
  name: z.string(),
  /** Null for a current count. */
  days: z.number().nullable(),
  value: z.number(),
  previous: z.number().nullable(),
  /** The first known play, if it is later than the start of the period; null if the period is covered. */
  since: z.string().nullable(),
})

export const figures = defineChart({
  title: 'At a glance',
  empty: 'No figures yet. They appear during your first sync.',
  params: z.object({}),
  tables: () => [],
  sql(context) {
    const parts = [...(PLAY_TABLES.every(context.has) ? playFigures(context) : []), ...listFigures(context)]
    if (parts.length === 0)
      return {
        text: `select '' as figure, '' as name, null as days, 0 as value, null as previous, cast(null as timestamp) as since where false`,
        values: [],
      }
    return joinFigures(parts)
  },
  row: FigureRow,
  draw: { as: 'figures' },
})
