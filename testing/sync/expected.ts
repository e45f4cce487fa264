import { expect } from 'vitest'
import type { Cell, Row } from '#lib/core/table.ts'
import type { Bed } from './harness.ts'

/** Where tables and the truth about them can be read. */
export type Library = Pick<Bed, 'truth' | 'tableRows'>

const RANGES = { st: 'short_term', mt: 'medium_term', lt: 'long_term' }
const LONG_AGO = '2026-01-01T00:00:00.000Z'
/** Spotify shows no more plays than these. */
const SHOWN = 50

/** Every table of a listener holds what the simulation says, no row more and no row less. */
export async function expectTruth(bed: Library, userId: string, listener: string): Promise<void> {
  await expectTopLists(bed, userId, listener)
  await expectSavedTracks(bed, userId, listener)
  await expectFollowed(bed, userId, listener)
  await expectPlays(bed, userId, listener)
  await expectPlaylists(bed, userId, listener)
}

async function expectTopLists(bed: Library, userId: string, listener: string): Promise<void> {
  for (const [short, range] of Object.entries(RANGES)) {
    const tracks = await bed.truth(listener, 'top-tracks', { range })
    const artists = await bed.truth(listener, 'top-artists', { range })
    const held = (kind: string, name: string) =>
      tableLines(bed, userId, `user_top_${kind}_${short}_stream`, ['rank', name])
    expect(await held('tracks', 'uri')).toEqual(lines(tracks, ['rank', 'uri']))
    expect(await held('artists', 'id')).toEqual(lines(artists, ['rank', 'artist_id']))
  }
}

export async function expectSavedTracks(bed: Library, userId: string, listener: string): Promise<void> {
  const saved = byKey(await bed.truth(listener, 'saved'), 'track_id')
  const held = await tableLines(bed, userId, 'user_saved_tracks_stream', ['id', 'added_at'])
  expect(held).toEqual(lines(saved, ['track_id', 'added_at']))
}

async function expectFollowed(bed: Library, userId: string, listener: string): Promise<void> {
  const albums = byKey(await bed.truth(listener, 'albums'), 'album_id')
  const artists = byKey(await bed.truth(listener, 'following'), 'artist_id')
  const held = (table: string, names: string[]) => tableLines(bed, userId, table, names)
  expect(await held('user_saved_albums_stream', ['id', 'added_at'])).toEqual(lines(albums, ['album_id', 'added_at']))
  expect(await held('user_followed_artists_stream', ['id'])).toEqual(lines(artists, ['artist_id']))
}

/** The plays that Spotify shows; the table may hold older ones too. */
export async function expectPlays(bed: Library, userId: string, listener: string): Promise<void> {
  const plays = lines(await bed.truth(listener, 'plays', { since: LONG_AGO }), ['played_at', 'uri'])
  const held = await tableLines(bed, userId, 'user_recently_played_stream', ['played_at', 'uri'])
  const shown = Math.min(SHOWN, plays.length)
  expect(held.slice(-shown)).toEqual(plays.slice(-shown))
}

/** Every play since the first one that was seen stands in the table, once; Spotify itself has forgotten most of them. */
export async function expectEveryPlay(bed: Library, userId: string, listener: string): Promise<void> {
  const held = await tableLines(bed, userId, 'user_recently_played_stream', ['played_at', 'uri'])
  expect(held.length).toBeGreaterThanOrEqual(SHOWN)
  const first = Date.parse((held[0] ?? '').split(' ')[0] ?? '')
  const plays = await bed.truth(listener, 'plays', { since: new Date(first - 1).toISOString() })
  expect(held).toEqual(lines(plays, ['played_at', 'uri']))
}

/** The history of liked songs tells each coming and going once: the songs that came last and did not go are the table. */
export async function expectSavedHistory(bed: Library, userId: string): Promise<void> {
  const changes = await bed.tableRows(userId, 'user_saved_tracks_history', 'id, change, seen_at')
  const inOrder = changes.sort((a, b) => String(a.seen_at).localeCompare(String(b.seen_at)))
  const saved = new Set<Cell>()
  for (const { id, change } of inOrder) {
    expect([id, change, saved.has(id ?? null)]).toEqual([id, change, change === 'removed'])
    if (change === 'removed') saved.delete(id ?? null)
    else saved.add(id ?? null)
  }
  const rows = await bed.tableRows(userId, 'user_saved_tracks_stream', 'id')
  expect([...saved].sort()).toEqual(rows.map(({ id }) => id).sort())
}

/** The playlists, and what stands in those that the listener may read; what Spotify withdrew leaves its place empty. */
export async function expectPlaylists(bed: Library, userId: string, listener: string): Promise<void> {
  const playlists = await bed.truth(listener, 'playlists')
  const held = await tableLines(bed, userId, 'user_playlists_stream', ['id', 'snapshot_id'])
  expect(held).toEqual(lines(playlists, ['id', 'snapshot']))
  const expected: Row[] = []
  for (const { id } of playlists.filter(({ readable }) => readable)) {
    const entries = await bed.truth(listener, 'playlist-items', { playlist: String(id) })
    for (const { what, position, uri } of entries.filter(({ what }) => what !== 'gone')) {
      expected.push({ id: id ?? null, position: Number(position) + 1, uri: what === 'track' ? (uri ?? null) : null })
    }
  }
  const columns = ['playlist_id', 'position', 'case when track_id is not null then uri end']
  const items = await tableLines(bed, userId, 'user_playlist_items_stream', columns)
  expect(items.length).toBe(expected.length)
  expect(items).toEqual(lines(expected, ['id', 'position', 'uri']))
}

/** The rows of a raw table as lines that compare easily; none when the table was never needed. */
export async function tableLines(bed: Library, userId: string, table: string, columns: string[]): Promise<string[]> {
  const named = columns.map((column, index) => `${column} as c${index}`).join(', ')
  const rows = await bed.tableRows(userId, table, named)
  return lines(
    rows,
    columns.map((_, index) => `c${index}`),
  )
}

function lines(rows: Row[], names: string[]): string[] {
  return rows.map((row) => names.map((name) => word(row[name] ?? null)).join(' ')).sort()
}

/** Instants are compared as such, however many digits their text has. */
function word(cell: Cell): string {
  if (typeof cell === 'number') return String(cell).padStart(6, '0')
  const isInstant = typeof cell === 'string' && /^\d{4}-\d\d-\d\dT/.test(cell)
  return isInstant ? new Date(cell).toISOString() : String(cell)
}

/** A table has one row of a key: where Spotify lists a thing twice, the last one counts. */
function byKey(rows: Row[], name: string): Row[] {
  return [...new Map(rows.map((row) => [row[name], row])).values()]
}
