import { z } from 'zod'
import { defineChart } from './chart.ts'
import { Link } from './link.ts'
import { NOT_ENOUGH, RangeParams, rankingSql, topTables } from './top-list.ts'

export const topArtists = defineChart({
  title: 'Top artists',
  empty: NOT_ENOUGH,
  params: RangeParams,
  tables: ({ range }) => Object.values(topTables('artists', range)),
  sql: (context, { range }) =>
    rankingSql(context, topTables('artists', range), {
      artist_id: 't.id',
      name: 't.name',
      artwork: 'coalesce(t.image_small_url, t.image_url)',
      url: 't.spotify_url',
    }),
  row: z.object({
    rank: z.number(),
    artist_id: z.string().nullable(),
    name: z.string().nullable(),
    artwork: Link,
    url: Link,
    previous_rank: z.number().nullable(),
  }),
  draw: { as: 'ranking' },
})
