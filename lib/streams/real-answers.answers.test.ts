import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json, Row } from '#lib/core/table.ts'
import { Track } from '#lib/spotify/objects.ts'
import { parseResponse } from '#lib/spotify/response.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import { streamNamed } from './index.ts'
import { musicRows } from './music.ts'
import { type Stream, streamTable } from './stream.ts'

/**
 * Loads real responses of Spotify into a warehouse and checks that no item and no field gets lost. The responses are
 * someone's data, so they stay outside the project.
 */

const responsesFolder = process.env.REAL_ANSWERS_DIR
if (!responsesFolder)
  throw new Error(
    'Set REAL_ANSWERS_DIR to a folder with responses of Spotify, for example REAL_ANSWERS_DIR=~/responses.',
  )

type Fields = { [name: string]: Json }

/** A kind of file in the folder, and how to get its responses. */
interface FileKind {
  file: RegExp
  stream: string
  responses(content: string): Json[]
}

const bodiesOf = (content: string): Json[] => JSON.parse(content).map(({ body }: { body: Json }) => body)
const itemsOf = (content: string): Json[] => [{ items: JSON.parse(content) }]
const bodyOf = (content: string): Json[] => [JSON.parse(content)]

const fileKinds: FileKind[] = [
  { file: /^recently_played.*\.json$/, stream: 'user_recently_played_stream', responses: bodyOf },
  { file: /^saved_tracks.*\.json$/, stream: 'user_saved_tracks_stream', responses: itemsOf },
  { file: /^top_.*artists.*\.json$/, stream: 'user_top_artists_st_stream', responses: bodiesOf },
  { file: /^top_.*tracks.*\.json$/, stream: 'user_top_tracks_st_stream', responses: bodiesOf },
  { file: /^global_.*weekly.*\.json$/, stream: 'global_top_tracks_weekly_stream', responses: bodyOf },
  { file: /^global_.*\.json$/, stream: 'user_playlist_items_stream', responses: bodyOf },
  { file: /^playlist_songs.*\.json$/, stream: 'user_playlist_items_stream', responses: songsAsResponses },
  { file: /^spotify_genres.*\.csv$/, stream: 'user_followed_artists_stream', responses: genresAsResponses },
]

/** Fields that are dropped at any depth, with the reason. Fields of one stream are prefixed with its name. */
const dropped: Record<string, string> = {
  available_markets: 'about 180 country codes on each track and album, no longer sent and not needed',
  primary_color: "a color for Spotify's own pages, always null",
  video_thumbnail: "an image for Spotify's own pages, its address always null",
  'global_top_tracks_weekly_stream added_by': 'a user without name and id: Spotify itself',
  'global_top_tracks_weekly_stream track.track': 'same as `type`',
  'global_top_tracks_weekly_stream track.episode': 'same as `type`',
  'user_recently_played_stream track': 'its ids stay; the tables that describe music have the rest, see below',
  'user_recently_played_stream context': 'type and URI have columns of their own; the rest is derived from them',
  'user_playlist_items_stream added_by': 'the id becomes added_by_id; the rest is derived from it',
  ...Object.fromEntries(
    'acousticness danceability energy instrumentalness key liveness loudness mode speechiness tempo time_signature valence'
      .split(' ')
      .map((name) => [
        `user_saved_tracks_stream ${name}`,
        'added by the tool that saved the response; /me/tracks has none',
      ]),
  ),
}

const SYNCED_AT = '2026-11-20T06:00:00.000Z'
const PART = 'saved-playlist'

let folder: string
let files: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-responses-'))
  files = await readdir(responsesFolder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('every file of the folder has a known kind', () => {
  expect(files.filter((name) => !fileKinds.some(({ file }) => file.test(name)))).toEqual([])
})

test.each(fileKinds)('$file arrives completely in $stream', async ({ file, stream: streamName, responses }) => {
  const names = files.filter((name) => file.test(name))
  expect(names, 'files of this kind in REAL_ANSWERS_DIR').not.toEqual([])
  const stream = streamNamed(streamName)
  for (const name of names) {
    for (const response of responses(await readFile(join(responsesFolder, name), 'utf8'))) {
      const items = itemsIn(response)
      expect(items.length).toBeGreaterThan(0)
      const rows = await throughWarehouse(stream, response)
      expect(rows).toHaveLength(items.length)
      expect(items.flatMap((item, index) => lostFields(stream, item, rows[index] ?? {}))).toEqual([])
    }
  }
})

test('plays keep the ids of their song, and the tables of music describe it', async () => {
  const stream = streamNamed('user_recently_played_stream')
  for (const name of files.filter((file) => /^recently_played.*\.json$/.test(file))) {
    const response: Json = JSON.parse(await readFile(join(responsesFolder, name), 'utf8'))
    const rows = await throughWarehouse(stream, response)
    for (const [index, { track }] of itemsIn(response).entries()) {
      const song = track as Fields & { album: Fields; artists: Fields[]; external_ids: Fields }
      const [artist] = song.artists
      const { uri, track_id, artist_id, album_id } = rows[index] ?? {}
      expect([uri, track_id, artist_id, album_id]).toEqual([song.uri, song.id, artist?.id, song.album.id])
      const described = [...musicRows({ tracks: [Track.parse(song)] }, SYNCED_AT)].map(({ row }) => row)
      expect(described[0]).toMatchObject({
        id: song.id,
        name: song.name,
        duration_ms: song.duration_ms,
        isrc: song.external_ids.isrc,
      })
      const names = [song.album, ...song.artists].map((object) => object.name)
      expect(described.map((row) => row.name)).toEqual(expect.arrayContaining(names))
    }
  }
})

function itemsIn(response: Json): Fields[] {
  const { items, artists } = response as { items?: Fields[]; artists?: { items: Fields[] } }
  return items ?? artists?.items ?? []
}

/** The rows of a response as the warehouse returns them, in the order of the response. */
async function throughWarehouse(stream: Stream, response: Json): Promise<Row[]> {
  const warehouse = await openDuckdb(join(folder, `${stream.name}.duckdb`))
  const received = parseResponse(JSON.stringify(response), 'https://api.spotify.com/v1')
  const rows = stream.page(received).items.map((item, index) => {
    const row = stream.row(item, { rank: index + 1, syncedAt: SYNCED_AT, part: stream.partsOf ? PART : null })
    expect(row).not.toHaveProperty('rejected')
    return row as Row
  })
  const parts = stream.partsOf && { column: stream.partsOf.column, values: [PART] }
  try {
    await warehouse.load(loadOf(rows, { stream: stream.name, table: streamTable(stream), mode: stream.load, parts }))
    const loaded = await warehouse.query(`select * from ${warehouse.table('raw', streamTable(stream).name)}`, [])
    const keyOf = (row: Row) => JSON.stringify(stream.key.map((name) => row[name]))
    const byKey = new Map(loaded.map((row) => [keyOf(row), row]))
    expect(byKey.size).toBe(loaded.length)
    return rows.map((row) => byKey.get(keyOf(row)) ?? {})
  } finally {
    await warehouse.close()
  }
}

/** The values of an item that are neither in the row nor dropped for a reason. */
function lostFields(stream: Stream, item: Fields, row: Row): string[] {
  return leavesOf(item)
    .filter(({ path }) => !isDropped(stream, path))
    .filter(({ path, value }) => {
      const found = homesOf(stream, path, row)
      return found.length === 0 || !found.every((cell) => isSame(cell, value))
    })
    .map(({ path, value }) => `${path.join('.')} = ${JSON.stringify(value)}`)
}

/** All scalars and empty values, each with its path. */
function leavesOf(value: Json, path: string[] = []): { path: string[]; value: Json }[] {
  const entries = value !== null && typeof value === 'object' ? Object.entries(value) : []
  if (entries.length === 0) return [{ path, value }]
  return entries.flatMap(([name, inner]) => leavesOf(inner, [...path, name]))
}

function isDropped({ name }: Stream, path: string[]): boolean {
  const joined = path.join('.')
  return Object.keys(dropped).some((rule) => {
    const [field, of] = rule.split(' ').reverse()
    if (of) return of === name && (joined === field || joined.startsWith(`${field}.`))
    return path.includes(rule)
  })
}

/** The row's values where a value of the item belongs: in a column with its name, inside a JSON column, or both. */
function homesOf(stream: Stream, path: string[], row: Row): Json[] {
  const unwrapped = path[0] === 'track' || path[0] === 'item' ? path.slice(1) : path
  const ways = unwrapped !== path && 'item' in stream.columns ? [unwrapped, ['item', ...unwrapped]] : [unwrapped]
  return ways.filter(([column]) => column !== undefined && column in stream.columns).map((way) => valueAt(row, way))
}

function valueAt(value: Json, path: string[]): Json {
  return path.reduce<Json>((inner, name) => (inner as Fields | null)?.[name] ?? null, value)
}

function isSame(cell: Json, value: Json): boolean {
  const instant = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value).toISOString() : value
  return isDeepStrictEqual(cell, value) || cell === instant
}

/** Playlist songs that an older pipeline flattened, back in Spotify's form. */
function songsAsResponses(content: string): Json[] {
  const songs: Record<string, Json>[] = JSON.parse(content)
  const items = songs.map(({ album, album_id, artists, artist_ids, external_url, release_date, ...track }) => ({
    added_at: null,
    item: {
      ...track,
      album: { id: album_id ?? null, name: album ?? null, release_date: release_date ?? null },
      artists: (artists as string[]).map((name, index) => ({ id: (artist_ids as string[])[index] ?? null, name })),
      external_urls: { spotify: external_url ?? null },
    },
  }))
  return [{ items }]
}

/** Lines `artist_id,artist_name,artist_genre`, back in Spotify's form. */
function genresAsResponses(content: string): Json[] {
  const [, ...lines] = content.trim().split(/\r?\n/)
  const items = lines.map((line) => {
    const { id, name, genre } = /^(?<id>[^,]+),(?<name>.*),(?<genre>[^,]*)$/.exec(line)?.groups ?? {}
    return { id: id ?? null, name: name ?? null, genres: genre ? [genre] : [] }
  })
  return [{ artists: { items } }]
}
