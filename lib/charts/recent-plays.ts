import { z } from 'zod'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { defineChart } from './chart.ts'
import { Link } from './link.ts'

const PLAYS = streamTable(recentlyPlayed)
const MAX_PLAYS = 20

export const recentPlays = defineChart({
  title: 'Recently played',
  empty: 'No plays yet. They show up within half an hour of listening.',
  params: z.object({}),
  tables: () => [PLAYS],
  sql: ({ table }) => ({
    text: `
      select played_at, id as track_id, name, artist_names as artists,
             coalesce(album_image_small_url, album_image_url) as artwork, spotify_url as url
      from ${table(PLAYS)}
      order by played_at desc, uri limit ?`,
    values: [MAX_PLAYS],
  }),
  row: z.object({
    played_at: z.string(),
    track_id: z.string().nullable(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    artwork: Link,
    url: Link,
  }),
  draw: { as: 'plays' },
})
