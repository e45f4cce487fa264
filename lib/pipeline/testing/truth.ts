import { expect } from 'vitest'
import type { Row } from '../../table.ts'
import type { Bed } from './bed.ts'

const RANGES = { st: 'short_term', mt: 'medium_term', lt: 'long_term' }

/** Every table of a listener holds what the simulation says, no row more and no row less. */
export async function expectTruth(bed: Bed, userId: string, listener: string): Promise<void> {
  for (const [short, range] of Object.entries(RANGES)) {
    const tracks = await tableRows(bed, userId, `user_top_tracks_${short}_stream`, ['rank', 'uri'])
    expect(tracks).toEqual(pick(await bed.truth(listener, 'top-tracks', { range }), ['rank', 'uri']))
    const artists = await tableRows(bed, userId, `user_top_artists_${short}_stream`, ['rank', 'id'])
    expect(artists).toEqual(
      (await bed.truth(listener, 'top-artists', { range })).map(({ rank, artist_id }) => ({ rank, id: artist_id })),
    )
  }
  await expectLibrary(bed, userId, listener)
  await expectPlays(bed, userId, listener)
  await expectPlaylists(bed, userId, listener)
}

export async function expectLibrary(bed: Bed, userId: string, listener: string): Promise<void> {
  const saved = await bed.truth(listener, 'saved')
  expect(sorted(await tableRows(bed, userId, 'user_saved_tracks_stream', ['id', 'added_at']))).toEqual(
    sorted(saved.map(({ track_id, added_at }) => ({ id: track_id, added_at: instant(added_at) }))),
  )
  expect(sorted(await tableRows(bed, userId, 'user_saved_albums_stream', ['id', 'added_at']))).toEqual(
    sorted(
      (await bed.truth(listener, 'albums')).map(({ album_id, added_at }) => ({
        id: album_id,
        added_at: instant(added_at),
      })),
    ),
  )
  expect(sorted(await tableRows(bed, userId, 'user_followed_artists_stream', ['id']))).toEqual(
    sorted((await bed.truth(listener, 'following')).map(({ artist_id }) => ({ id: artist_id }))),
  )
}

/** Spotify shows the last 50 plays; the table holds at least those. */
export async function expectPlays(bed: Bed, userId: string, listener: string): Promise<void> {
  const since = new Date(0).toISOString()
  const plays = pick(await bed.truth(listener, 'plays', { since }), ['played_at', 'uri']).slice(-50)
  const held = sorted(await tableRows(bed, userId, 'user_recently_played_stream', ['played_at', 'uri']))
  expect(held.slice(-plays.length)).toEqual(sorted(plays))
}

export async function expectPlaylists(bed: Bed, userId: string, listener: string): Promise<void> {
  const playlists = await bed.truth(listener, 'playlists')
  expect(sorted(await tableRows(bed, userId, 'user_playlists_stream', ['id', 'snapshot_id']))).toEqual(
    sorted(playlists.map(({ id, snapshot }) => ({ id, snapshot_id: snapshot }))),
  )
  const expected: Row[] = []
  for (const { id } of playlists.filter(({ readable }) => readable)) {
    const entries = await bed.truth(listener, 'playlist-items', { playlist: String(id) })
    for (const { what, position, track_id } of entries) {
      if (what !== 'gone')
        expected.push({ playlist_id: id, position: Number(position) + 1, track_id: track_id ?? null })
    }
  }
  const items = await tableRows(bed, userId, 'user_playlist_items_stream', [
    'playlist_id',
    'position',
    'uri',
    'track_id',
  ])
  const known = new Set(items.map(({ uri }) => uri))
  expect(known.has(null)).toBe(false)
  expect(sorted(pick(items, ['playlist_id', 'position']))).toEqual(sorted(pick(expected, ['playlist_id', 'position'])))
}

/** The rows of a raw table, none when the table was never needed. */
export async function tableRows(bed: Bed, userId: string, table: string, columns: string[]): Promise<Row[]> {
  const [held] = await bed.rows(
    userId,
    `select count(*) as n from information_schema.tables where table_name = '${table}'`,
  )
  if (held?.n === 0) return []
  return bed.rows(
    userId,
    `select ${columns.join(', ')} from raw.${table} order by 1, 2`.replace(', 2', columns.length > 1 ? ', 2' : ''),
  )
}

function pick(rows: Row[], names: string[]): Row[] {
  return rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])))
}

function sorted(rows: Row[]): Row[] {
  return rows
    .map((row) => JSON.stringify(row))
    .sort()
    .map((text) => JSON.parse(text) as Row)
}

function instant(given: Row[string] | undefined): string {
  return new Date(String(given)).toISOString()
}
