import { z } from 'zod'
import { defineChart } from './chart.ts'
import { NOT_ENOUGH, RangeParams, topTables } from './top-list.ts'

/** More ranks would not be readable. */
const TOP = 10
const DAYS = 60

/** The top 10 of each day, from the partitions that past runs stored. */
function rankLines(what: 'tracks' | 'artists', title: string) {
  return defineChart({
    title,
    empty: NOT_ENOUGH,
    params: RangeParams,
    tables: ({ range }) => [topTables(what, range).history],
    sql({ table }, { range }) {
      const history = table(topTables(what, range).history)
      const text = `
        with days as (select distinct day from ${history} order by day desc limit ?)
        select h.day, h.id, max(h.name) as name, min(h.rank) as rank
        from ${history} h join days on days.day = h.day
        where h.rank <= ? and h.id is not null
        group by h.day, h.id
        order by h.day, rank, h.id`
      return { text, values: [DAYS, TOP] }
    },
    row: z.object({ day: z.string(), id: z.string(), name: z.string().nullable(), rank: z.number() }),
    draw: { as: 'rank lines', x: 'day', y: 'rank', series: 'name' },
  })
}

export const topTracksRanks = rankLines('tracks', 'Top 10 songs, day by day')
export const topArtistsRanks = rankLines('artists', 'Top 10 artists, day by day')
