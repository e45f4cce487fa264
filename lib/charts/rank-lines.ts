import { z } from 'zod'
import { defineChart } from './chart.ts'
import { RangeParams, topTables } from './top-list.ts'

/** More lines would not be readable. */
const LEADERS = 6
const DAYS = 60

/** The leaders' daily ranks, from the partitions that past runs stored. */
function rankLines(what: 'tracks' | 'artists', title: string) {
  return defineChart({
    title,
    empty: 'Your rank history starts tomorrow.',
    params: RangeParams,
    tables: ({ range }) => [topTables(what, range).history],
    sql({ table }, { range }) {
      const history = table(topTables(what, range).history)
      const text = `
        with newest as (select max(day) as day from ${history}),
        leaders as (select h.id, min(h.rank) as best_rank from ${history} h, newest where h.day = newest.day and h.rank <= ? group by h.id),
        days as (select distinct day from ${history} order by day desc limit ?)
        select h.day, h.id, max(h.name) as name, min(h.rank) as rank
        from ${history} h join leaders on leaders.id = h.id join days on days.day = h.day
        group by h.day, h.id, leaders.best_rank
        order by leaders.best_rank, h.day`
      return { text, values: [LEADERS, DAYS] }
    },
    row: z.object({ day: z.string(), id: z.string(), name: z.string().nullable(), rank: z.number() }),
    draw: { as: 'rank lines', x: 'day', y: 'rank', series: 'name' },
  })
}

export const topTracksRanks = rankLines('tracks', 'Top songs, day by day')
export const topArtistsRanks = rankLines('artists', 'Top artists, day by day')
