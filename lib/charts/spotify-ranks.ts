import { z } from 'zod'
import { DIM_TRACKS } from '#lib/models/tables.ts'
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
    // Spotify ranks each id of a recording by itself.
    const ids =
      what === 'tracks' && has(DIM_TRACKS)
        ? `(select ? union select one.track_id from ${table(DIM_TRACKS)} one
            join ${table(DIM_TRACKS)} other on other.recording_key = one.recording_key where other.track_id = ?)`
        : '(?)'
    const perPart = ids === '(?)' ? [about] : [about, about]
    const parts = RANGES.map((range) => ({ range, history: topTables(what, range).history }))
      .filter(({ history }) => has(history))
      .map(
        ({ range, history }) =>
          `select day, '${range}' as time_range, min(rank) as rank from ${table(history)} where id in ${ids} group by day`,
      )
    const none = `select cast(null as date) as day, '' as time_range, 0 as rank where 1 = 0`
    return {
      text: `select day, time_range, rank from (${parts.join(' union all ') || none}) ranks order by day desc, time_range`,
      values: parts.flatMap(() => perPart),
    }
  },
  row: z.object({ day: z.string(), time_range: z.enum(RANGES), rank: z.number() }),
  draw: { as: 'spotify ranks' },
})
