import { z } from 'zod'
import { defineChart } from './chart.ts'
import { RangeParams, topTables } from './top-list.ts'

export const topArtists = defineChart({
  title: 'Top artists',
  empty: 'Not enough listening in this period yet. Try another period.',
  params: RangeParams,
  tables: ({ range }) => Object.values(topTables('artists', range)),
  sql({ table }, { range }) {
    const tables = topTables('artists', range)
    const history = table(tables.history)
    const text = `
      with newest as (select max(day) as day from ${history}),
      before as (select max(h.day) as day from ${history} h, newest where h.day < newest.day)
      select t.rank, t.id as artist_id, t.name, coalesce(t.image_small_url, t.image_url) as artwork,
             t.spotify_url as url, min(p.rank) as previous_rank
      from ${table(tables.list)} t
      left join (select h.id, h.rank from ${history} h, before where h.day = before.day) p on p.id = t.id
      group by t.rank, t.id, t.name, t.image_small_url, t.image_url, t.spotify_url
      order by t.rank`
    return { text, values: [] }
  },
  row: z.object({
    rank: z.number(),
    artist_id: z.string().nullable(),
    name: z.string().nullable(),
    artwork: z.string().nullable(),
    url: z.string().nullable(),
    previous_rank: z.number().nullable(),
  }),
  draw: { as: 'ranking' },
})
