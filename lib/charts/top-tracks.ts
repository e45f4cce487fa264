import { z } from 'zod'
import { defineChart } from './chart.ts'
import { Link } from './link.ts'
import { NOT_ENOUGH, RangeParams, rankingSql, topTables } from './top-list.ts'

export const topTracks = defineChart({
  title: 'Top songs',
  empty: NOT_ENOUGH,
  params: RangeParams,
  tables: ({ range }) => Object.values(topTables('tracks', range)),
  sql: (context, { range }) =>
    rankingSql(context, topTables('tracks', range), {
      track_id: 't.id',
      name: 't.name',
      artists: 't.artist_names',
      album: 't.album_name',
      artwork: 'coalesce(t.album_image_small_url, t.album_image_url)',
      url: 't.spotify_url',
      duration_ms: 't.duration_ms',
    }),
  row: z.object({
    rank: z.number(),
    track_id: z.string().nullable(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    album: z.string().nullable(),
    artwork: Link,
    url: Link,
    duration_ms: z.number().nullable(),
    previous_rank: z.number().nullable(),
  }),
  draw: { as: 'ranking' },
})
