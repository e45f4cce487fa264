import { z } from 'zod'
import { defineChart } from './chart.ts'
import { Link } from './link.ts'
import { PLAY_TABLES, playsSql } from './plays.ts'

const MAX_PLAYS = 20

export const recentPlays = defineChart({
  title: 'Recently played',
  empty: 'No plays yet. They show up within half an hour of listening.',
  params: z.object({}),
  tables: () => PLAY_TABLES,
  sql: (context) => ({
    text: `
      select played_at, track_id, name, artist_names as artists, artwork, spotify_url as url
      from ${playsSql(context)}
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
