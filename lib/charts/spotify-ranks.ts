import { z } from 'zod'
import { TIME_RANGES, type TimeRange } from '#lib/streams/time-ranges.ts'
import { defineChart } from './chart.ts'
import { topTables } from './top-list.ts'

const RANGES = Object.keys(TIME_RANGES) as [TimeRange, ...TimeRange[]]

/** The daily ranks of one song or artist in Spotify's three rankings. */
export const spotifyRanks = defineChart({
  title: 'Spotify’s ranking',
  empty: 'Not in Spotify’s rankings of your top songs and artists so far.',
  params: z.object({}),
  about: ['track', 'artist'],
  tables: () => [],
  sql({ table, has, subject, about }) {
    const what = subject === 'artist' ? 'artists' : 'tracks'
    const parts = RANGES.map((range) => ({ range, history: topTables(what, range).history }))
      .filter(({ history }) => has(history))
      .map(
        ({ range, history }) =>
          `select day, '${range}' as time_range, min(rank) as rank from ${table(history)} where id = ? group by day`,
      )
    const none = `select cast(null as date) as day, '' as time_range, 0 as rank where 1 = 0`
    return {
      text: `select day, time_range, rank from (${parts.join(' union all ') || none}) ranks order by day desc, time_range`,
      values: parts.map(() => about),
    }
  },
  row: z.object({ day: z.string(), time_range: z.enum(RANGES), rank: z.number() }),
  draw: { as: 'spotify ranks' },
})
