import { expect } from 'vitest'
import type { Cell, Row } from '#lib/core/table.ts'
import type { Harness } from './harness.ts'

/** Where tables and their expected content can be read. */
export type Tables = Pick<Harness, 'expected' | 'tableRows'>

const RANGES = { st: 'short_term', mt: 'medium_term', lt: 'long_term' }
const LONG_AGO = '2026-01-01T00:00:00.000Z'
/** Spotify shows at most the last 50 plays, but always this many. */
const SHOWN = 42

/** Every table of a listener has exactly the rows that the simulated Spotify holds. */
export async function expectAllTables(harness: Tables, userId: string, listener: string): Promise<void> {
  await expectTopLists(harness, userId, listener)
  await expectSavedTracks(harness, userId, listener)
  await expectFollowed(harness, userId, listener)
  await expectPlays(harness, userId, listener)
  await expectPlaylists(harness, userId, listener)
}

async function expectTopLists(harness: Tables, userId: string, listener: string): Promise<void> {
  for (const [short, range] of Object.entries(RANGES)) {
    const tracks = await harness.expected(listener, 'top-tracks', { range })
    const artists = await harness.expected(listener, 'top-artists', { range })
    const held = (kind: string, name: string) =>
      tableLines(harness, userId, `user_top_${kind}_${short}_stream`, ['rank', name])
    expect(await held('tracks', 'uri')).toEqual(lines(tracks, ['rank', 'uri']))
    expect(await held('artists', 'id')).toEqual(lines(artists, ['rank', 'artist_id']))
  }
}

export async function expectSavedTracks(harness: Tables, userId: string, listener: string): Promise<void> {
  const saved = byKey(await harness.expected(listener, 'saved'), 'track_id')
  const held = await tableLines(harness, userId, 'user_saved_tracks_stream', ['id', 'added_at'])
  expect(held).toEqual(lines(saved, ['track_id', 'added_at']))
}

async function expectFollowed(harness: Tables, userId: string, listener: string): Promise<void> {
  const albums = byKey(await harness.expected(listener, 'albums'), 'album_id')
  const artists = byKey(await harness.expected(listener, 'following'), 'artist_id')
  const held = (table: string, names: string[]) => tableLines(harness, userId, table, names)
  expect(await held('user_saved_albums_stream', ['id', 'added_at'])).toEqual(lines(albums, ['album_id', 'added_at']))
  expect(await held('user_followed_artists_stream', ['id'])).toEqual(lines(artists, ['artist_id']))
}

/** The table has the plays that Spotify shows; it may have older ones too. */
export async function expectPlays(harness: Tables, userId: string, listener: string): Promise<void> {
  const plays = lines(await harness.expected(listener, 'plays', { since: LONG_AGO }), ['played_at', 'uri'])
  const held = await tableLines(harness, userId, 'plays', ['played_at', 'uri'])
  const shown = Math.min(SHOWN, plays.length)
  expect(held.slice(-shown)).toEqual(plays.slice(-shown))
}

/** The table has every play since its first one, once, although Spotify no longer shows most of them. */
export async function expectEveryPlay(harness: Tables, userId: string, listener: string): Promise<void> {
  const held = await tableLines(harness, userId, 'plays', ['played_at', 'uri'])
  expect(held.length).toBeGreaterThanOrEqual(SHOWN)
  const first = Date.parse((held[0] ?? '').split(' ')[0] ?? '')
  const plays = await harness.expected(listener, 'plays', { since: new Date(first - 1).toISOString() })
  expect(held).toEqual(lines(plays, ['played_at', 'uri']))
}

/** The history of liked songs has each addition and removal once; replaying it gives the table. */
export async function expectSavedHistory(harness: Tables, userId: string): Promise<void> {
  const changes = await harness.tableRows(userId, 'user_saved_tracks_history', 'id, change, seen_at')
  const inOrder = changes.sort((a, b) => String(a.seen_at).localeCompare(String(b.seen_at)))
  const saved = new Set<Cell>()
  for (const { id, change } of inOrder) {
    expect([id, change, saved.has(id ?? null)]).toEqual([id, change, change === 'removed'])
    if (change === 'removed') saved.delete(id ?? null)
    else saved.add(id ?? null)
  }
  const rows = await harness.tableRows(userId, 'user_saved_tracks_stream', 'id')
  expect([...saved].sort()).toEqual(rows.map(({ id }) => id).sort())
}

/** The playlists, and the items of those that the listener may read. A withdrawn item leaves a gap in the positions. */
export async function expectPlaylists(harness: Tables, userId: string, listener: string): Promise<void> {
  const playlists = await harness.expected(listener, 'playlists')
  const held = await tableLines(harness, userId, 'user_playlists_stream', ['id', 'snapshot_id'])
  expect(held).toEqual(lines(playlists, ['id', 'snapshot']))
  const expected: Row[] = []
  for (const { id } of playlists.filter(({ readable }) => readable)) {
    const entries = await harness.expected(listener, 'playlist-items', { playlist: String(id) })
    for (const { what, position, uri } of entries.filter(({ what }) => what !== 'gone')) {
      expected.push({ id: id ?? null, position: Number(position) + 1, uri: what === 'track' ? (uri ?? null) : null })
    }
  }
  const columns = ['playlist_id', 'position', 'case when track_id is not null then uri end']
  const items = await tableLines(harness, userId, 'user_playlist_items_stream', columns)
  expect(items.length).toBe(expected.length)
  expect(items).toEqual(lines(expected, ['id', 'position', 'uri']))
}

/** The rows of a raw table as sorted, comparable lines; none if the table doesn't exist. */
export async function tableLines(harness: Tables, userId: string, table: string, columns: string[]): Promise<string[]> {
  const named = columns.map((column, index) => `${column} as c${index}`).join(', ')
  const rows = await harness.tableRows(userId, table, named)
  return lines(
    rows,
    columns.map((_, index) => `c${index}`),
  )
}

function lines(rows: Row[], names: string[]): string[] {
  return rows.map((row) => names.map((name) => comparable(row[name] ?? null)).join(' ')).sort()
}

/** Times are normalized, because their texts differ in precision. */
function comparable(cell: Cell): string {
  if (typeof cell === 'number') return String(cell).padStart(6, '0')
  const isInstant = typeof cell === 'string' && /^\d{4}-\d\d-\d\dT/.test(cell)
  return isInstant ? new Date(cell).toISOString() : String(cell)
}

/** One row per key: if Spotify lists an item twice, the last one counts. */
function byKey(rows: Row[], name: string): Row[] {
  return [...new Map(rows.map((row) => [row[name], row])).values()]
}
