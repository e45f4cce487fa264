import { z } from 'zod'
import { DAY } from '#lib/core/clock.ts'
import { followedArtists } from '#lib/streams/followed-artists.ts'
import { playlists } from '#lib/streams/playlists.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { defineChart, type QueryContext } from './chart.ts'

const WINDOW_DAYS = 28

const LISTS = [
  { figure: 'liked songs', source: streamTable(savedTracks) },
  { figure: 'playlists', source: streamTable(playlists) },
  { figure: 'followed artists', source: streamTable(followedArtists) },
]

const PLAYS = streamTable(recentlyPlayed)

const PLAY_FIGURES = [
  { figure: 'plays, 28 days', value: 'count(*)' },
  { figure: 'minutes, 28 days', value: 'coalesce(round(sum(duration_ms) / 60000.0), 0)' },
  { figure: 'artists, 28 days', value: 'count(distinct artist_id)' },
]

/** Figures of plays: the last 28 days beside the 28 before, once those are known whole. */
function playFigures({ table, now }: QueryContext) {
  const plays = table(PLAYS)
  const since = new Date(now.getTime() - WINDOW_DAYS * DAY).toISOString()
  const before = new Date(now.getTime() - 2 * WINDOW_DAYS * DAY).toISOString()
  return PLAY_FIGURES.map(({ figure, value }, index) => ({
    text: `
      select ${index} as position, '${figure}' as figure,
        (select ${value} from ${plays} where played_at >= cast(? as timestamp)) as value,
        (select case when (select min(played_at) from ${plays}) <= cast(? as timestamp) then ${value} end
         from ${plays} where played_at >= cast(? as timestamp) and played_at < cast(? as timestamp)) as previous`,
    values: [since, before, before, since],
  }))
}

function listFigures({ table, has }: QueryContext) {
  return LISTS.filter(({ source }) => has(source)).map(({ figure, source }, index) => ({
    text: `select ${10 + index} as position, '${figure}' as figure, count(*) as value, null as previous from ${table(source)}`,
    values: [],
  }))
}

export const figures = defineChart({
  title: 'At a glance',
  empty: 'No figures yet. They appear during your first sync.',
  params: z.object({}),
  tables: () => [],
  sql(context) {
    const parts = [...(context.has(PLAYS) ? playFigures(context) : []), ...listFigures(context)]
    if (parts.length === 0) return { text: `select '' as figure, 0 as value, null as previous where false`, values: [] }
    const union = parts.map(({ text }) => text).join('\nunion all\n')
    return {
      text: `select figure, value, previous from (${union}) as figures order by position`,
      values: parts.flatMap(({ values }) => values),
    }
  },
  row: z.object({ figure: z.string(), value: z.number(), previous: z.number().nullable() }),
  draw: { as: 'figures' },
})
