import { z } from 'zod'
import { defineChart } from './chart.ts'
import { RangeParams, topTables } from './top-list.ts'

export const topTracks = defineChart({
  title: 'Top songs',
  empty: 'Not enough listening in this period yet. Try another period.',
  params: RangeParams,
  tables: ({ range }) => Object.values(topTables('tracks', range)),
  sql({ table }, { range }) {
    const tables = topTables('tracks', range)
    const history = table(tables.history)
    const text = `
      with newest as (select max(day) as day from ${history}),
      before as (select max(h.day) as day from ${history} h, newest where h.day < newest.day)
      select t.rank, t.id as track_id, t.name, t.artist_names as artists, t.album_name as album,
             coalesce(t.album_image_small_url, t.album_image_url) as artwork, t.spotify_url as url, t.duration_ms,
             min(p.rank) as previous_rank
      from ${table(tables.list)} t
      left join (select h.id, h.rank from ${history} h, before where h.day = before.day) p on p.id = t.id
      group by t.rank, t.id, t.name, t.artist_names, t.album_name, t.album_image_small_url, t.album_image_url, t.spotify_url, t.duration_ms
      order by t.rank`
    return { text, values: [] }
  },
  row: z.object({
    rank: z.number(),
    track_id: z.string().nullable(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    album: z.string().nullable(),
    artwork: z.string().nullable(),
    url: z.string().nullable(),
    duration_ms: z.number().nullable(),
    previous_rank: z.number().nullable(),
  }),
  draw: { as: 'ranking' },
})
