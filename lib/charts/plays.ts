import { EXCLUDED_PLAYS } from '#lib/streams/decisions.ts'
import { TRACKS } from '#lib/streams/music.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import type { QueryContext } from './chart.ts'

const PLAYS = streamTable(recentlyPlayed)

/** The tables of `playsSql`. */
export const PLAY_TABLES = [PLAYS, TRACKS]

/** Plays that the listener has not excluded, with what describes their song, as a relation. */
export function playsSql({ table, has }: Pick<QueryContext, 'table' | 'has'>): string {
  const excluded = has(EXCLUDED_PLAYS)
    ? `left join ${table(EXCLUDED_PLAYS)} e on e.played_at = p.played_at and e.uri = p.uri and e.excluded where e.uri is null`
    : ''
  return `(select p.played_at, p.uri, p.track_id, p.artist_id, t.name, t.artist_names, t.duration_ms, t.spotify_url,
    coalesce(t.image_small_url, t.image_url) as artwork
    from ${table(PLAYS)} p left join ${table(TRACKS)} t on t.id = p.track_id ${excluded}) plays`
}
