import type { JsonObject } from '#simulator/core/http.ts'

/**
 * Unusual values that real responses sometimes contain and that break naive readers. Each is an artist whose albums and
 * tracks share its name. The shapes are ones that developers reported.
 */

interface Oddity {
  /** Name of the artist, the albums and the tracks. */
  name: string
  /** Makes a normal track object odd. Its `album` is also what the album endpoints return. */
  track?: (track: JsonObject) => JsonObject
  artist?: (artist: JsonObject) => JsonObject
}

function without(object: JsonObject, ...names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

function onAlbum(track: JsonObject, changes: JsonObject): JsonObject {
  const { album } = track
  return {
    ...track,
    album: { ...(album && typeof album === 'object' && !Array.isArray(album) ? album : {}), ...changes },
  }
}

export const ODDITIES: readonly Oddity[] = [
  { name: '🌊🦦 Otter Weather 👩‍🚀' },
  { name: 'אגם שקט' },
  { name: 'بحيرة الصباح' },
  { name: `A very long name that ${'goes on and on and '.repeat(40)}ends` },
  { name: `"Double", 'single', \`back\` and \\ back; -- <b>bold</b> & $1 {{x}}` },
  { name: '=SUM(A1:A9)' },
  { name: '  blanks around, a\ttab and a\nnew line  ' },
  { name: 'Z̷̢͘ä̈lg̃o​joined‍⁠\u2028line\u2029paragraph' },
  { name: 'null' },
  { name: '湖の音楽 — Ünïcödé ŋøîšë' },
  { name: 'No album name', track: (track) => onAlbum(track, { name: '' }) },
  { name: 'Only a year', track: (track) => onAlbum(track, { release_date: '1978', release_date_precision: 'year' }) },
  {
    name: 'Only a month',
    track: (track) => onAlbum(track, { release_date: '1978-05', release_date_precision: 'month' }),
  },
  { name: 'Year nought', track: (track) => onAlbum(track, { release_date: '0000', release_date_precision: 'year' }) },
  { name: 'No date', track: (track) => onAlbum(track, { release_date: null, release_date_precision: null }) },
  {
    name: 'No pictures',
    track: (track) => onAlbum(track, { images: [] }),
    artist: (artist) => ({ ...artist, images: [] }),
  },
  {
    name: 'Pictures without sizes',
    track: (track) =>
      onAlbum(track, { images: [{ url: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=', height: null, width: null }] }),
  },
  { name: 'No outside ids', track: (track) => ({ ...track, external_ids: {} }) },
  { name: 'Keys missing', track: (track) => without(track, 'external_ids', 'preview_url', 'explicit', 'is_local') },
  {
    name: 'Keys nobody asked for',
    track: (track) => ({
      ...track,
      primary_color: null,
      video_thumbnail: { url: null },
      fresh_key: { nested: [1, 'two'] },
    }),
    artist: (artist) => ({ ...artist, genres: null, fresh_key: [] }),
  },
  { name: 'Genres as an empty list', artist: (artist) => ({ ...artist, genres: [] }) },
  { name: 'Not playable', track: (track) => ({ ...track, is_playable: false, restrictions: { reason: 'market' } }) },
  { name: 'No length', track: (track) => ({ ...track, duration_ms: 0 }) },
  { name: 'Far down the box set', track: (track) => ({ ...track, disc_number: 27, track_number: 199 }) },
]
