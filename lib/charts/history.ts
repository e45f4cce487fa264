import { z } from 'zod'
import type { Cell } from '#lib/core/table.ts'
import { UNCOUNTED_REASONS } from '#lib/models/counting.ts'
import { AGG_DAYS, DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS, FCT_PLAYS } from '#lib/models/tables.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { isAbout, MUSIC } from './about.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { Link } from './link.ts'

const PLAYS = streamTable(recentlyPlayed)

/** The key of the song as it was played, not of the recording that it counts for. */
const PLAYED = 'coalesce(played_track_key, track_key)'

/** Plays after the last one of the page before. Two plays can have the same time. */
function continued({ table, page }: QueryContext): { text: string; values: Cell[] } {
  if (!page.after) return { text: '', values: [] }
  const [playedAt, track = null, ms = null] = page.after
  const at = String(playedAt).replace('Z', '')
  const key = `(select min(track_key) from ${table(DIM_TRACKS)} where track_id = ?)`
  return {
    text: `and played_at <= cast(? as timestamp) and (played_at < cast(? as timestamp) or ${PLAYED} > ${key}
      or (${PLAYED} = ${key} and ms_played > ?))`,
    values: [at, at, track, track, ms],
  }
}

/**
 * Days that are certainly enough for the page, so that not all plays before the cursor are sorted. Days have at least as
 * many plays as counted ones, and no local day is more than one off from the UTC day.
 */
function bounded({ table, subject, page }: QueryContext, show: string): { text: string; values: Cell[] } {
  if (!page.after || page.search || subject || show !== 'all') return { text: '', values: [] }
  const before = String(page.after[0]).slice(0, 10)
  return {
    text: `and day >= (select coalesce(max(day), cast('1970-01-01' as date)) from (
      select day, sum(plays) over (order by day desc) as later from ${table(AGG_DAYS)}
      where day < cast(? as date) - 1) days where later >= ?)`,
    values: [before, page.limit],
  }
}

/** Names first: searching joined plays takes ten times as long. */
function found({ table, page }: QueryContext): { text: string; values: Cell[] } {
  if (!page.search) return { text: '', values: [] }
  const named = (key: string, dim: string, played = key) =>
    `${played} in (select ${key} from ${dim} where contains(folded, ?))`
  return {
    text: `and (${named('track_key', table(DIM_TRACKS), PLAYED)} or ${named('artist_key', table(DIM_ARTISTS))}
      or ${named('album_key', table(DIM_ALBUMS))})`,
    values: [page.search, page.search, page.search],
  }
}

/** Every play of a period, newest first, including those that don't count. */
export const history = defineChart({
  title: 'Plays',
  empty: 'No plays in this period.',
  params: z.object({
    /** Every play, or only those that the listener excluded. */
    show: z.enum(['all', 'excluded']).default('all'),
  }),
  period: true,
  mayBeAbout: MUSIC,
  list: {
    sorts: ['played'],
    pageSize: 50,
    searchable: true,
    after: ['played_at', 'track_id', 'ms_played'],
  },
  tables: () => [FCT_PLAYS, AGG_DAYS, DIM_TRACKS, DIM_ARTISTS, DIM_ALBUMS, PLAYS],
  sql(context, { show }) {
    const { table, period, page } = context
    const conditions = [isAbout(context), found(context), continued(context), bounded(context, show)]
    return {
      text: `select p.played_at, d.track_id, d.name, d.artist_names as artists, a.artist_id, al.album_id,
          al.name as album, coalesce(al.image_small_url, al.image_url) as artwork,
          coalesce(r.uri, d.uri, d.track_id) as uri, p.ms_played, p.ms_known, p.source, p.counts, p.not_counted, p.excluded
        from (select played_at, ${PLAYED} as played_key, artist_key, album_key, ms_played, ms_known, source, counts, not_counted, excluded
          from ${table(FCT_PLAYS)} where day >= cast(? as date) and day <= cast(? as date)
          ${show === 'excluded' ? 'and excluded' : ''} ${conditions.map(({ text }) => text).join(' ')}
          order by played_at desc, ${PLAYED}, ms_played limit ?) p
        join ${table(DIM_TRACKS)} d on d.track_key = p.played_key
        left join ${table(DIM_ARTISTS)} a on a.artist_key = p.artist_key
        left join ${table(DIM_ALBUMS)} al on al.album_key = p.album_key
        left join ${table(PLAYS)} r on r.played_at = p.played_at and r.track_id = d.track_id
        order by p.played_at desc, p.played_key, p.ms_played`,
      values: [period.from, period.to, ...conditions.flatMap(({ values }) => values), page.limit],
    }
  },
  row: z.object({
    /** Usually the end of the play; plays that Spotify's API reports may have their start instead. */
    played_at: z.iso.datetime(),
    track_id: z.string(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    artist_id: z.string().nullable(),
    album_id: z.string().nullable(),
    album: z.string().nullable(),
    artwork: Link,
    /** Identifies the play, together with its time. */
    uri: z.string(),
    ms_played: z.number(),
    /** Whether the time was measured; otherwise it is the length of the song. */
    ms_known: z.boolean(),
    source: z.string(),
    /** Whether it is counted, by the listener's counting rule. */
    counts: z.boolean(),
    /** Why it isn't counted; null if it is. */
    not_counted: z.enum(UNCOUNTED_REASONS).nullable(),
    excluded: z.boolean(),
  }),
  draw: { as: 'history' },
})
