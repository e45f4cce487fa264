import type { Json } from '#lib/core/table.ts'

/**
 * A page of each stream as an app of late 2026 gets it, with invented music: usual, sparse and odd items. `asBefore2026`
 * turns it into a response from before February 2026.
 */
export interface Fixture {
  body: Json
  kept: number
  rejected: Record<string, number>
}

type Fields = { [name: string]: Json }

const ADDED_AT = '2024-02-29T23:59:59Z'

const links = (type: string, id: string): Fields => ({
  external_urls: { spotify: `https://open.spotify.com/${type}/${id}` },
  href: `https://api.spotify.com/v1/${type}s/${id}`,
  id,
  type,
  uri: `spotify:${type}:${id}`,
})

const picture = (px: number | null): Json => ({ height: px, url: `https://i.scdn.co/image/${px}`, width: px })

const pebble: Fields = { ...links('artist', 'pebble'), name: 'Pebble & Sons' }
const moth: Fields = { ...links('artist', 'moth'), name: 'Moth, the Second' }

const album: Fields = {
  ...links('album', 'tidepool'),
  album_type: 'album',
  artists: [pebble],
  images: [picture(640), picture(300), picture(64)],
  name: 'Tidepool',
  release_date: '1978-05',
  release_date_precision: 'month',
  total_tracks: 12,
}

export const track: Fields = {
  ...links('track', 'low-tide'),
  album,
  artists: [pebble, moth],
  disc_number: 1,
  duration_ms: 215_000,
  explicit: false,
  external_ids: { isrc: 'XX0000000001' },
  is_local: false,
  is_playable: true,
  name: 'Low Tide',
  track_number: 3,
  fresh_key: { nested: [1, 'two'] },
}

const audioFeatures: Fields = {
  acousticness: 0.5,
  danceability: 0.25,
  energy: 1,
  instrumentalness: 0,
  liveness: 0.125,
  loudness: -7.5,
  speechiness: 0.0625,
  tempo: 121.5,
  valence: 0.75,
  key: 11,
  mode: 0,
  time_signature: 4,
  analysis_url: 'https://api.spotify.com/v1/audio-analysis/low-tide',
  track_href: 'https://api.spotify.com/v1/tracks/low-tide',
}

/** The tracks that all track pages have in common, whatever they are wrapped in. */
const tracks: (Fields | null)[] = [
  { ...track, ...audioFeatures },
  { ...links('track', 'sparse'), name: 'Sparse' },
  { ...links('track', 'empty'), album: { ...album, images: null, name: '' }, artists: [], external_ids: {}, name: '' },
  {
    ...links('track', 'other-kinds'),
    album: 'none',
    artists: 'none',
    disc_number: 1.5,
    explicit: 'no',
    popularity: '9',
  },
]

const localFile: Fields = {
  album: { ...album, ...links('album', ''), id: null, uri: null, images: [], release_date: null },
  artists: [{ ...pebble, id: null, uri: null }],
  external_urls: {},
  id: null,
  is_local: true,
  name: 'Demo tape',
  type: 'track',
  uri: 'spotify:local:Pebble+%26+Sons:Tidepool:Demo+tape:215',
}

export const episode: Fields = {
  ...links('episode', 'on-moths'),
  duration_ms: 3_600_000,
  explicit: false,
  images: [picture(640)],
  name: 'On moths',
  release_date: '2025-06-01',
  show: { ...links('show', 'talks'), name: 'Talks about songs' },
}

const artists: (Fields | null)[] = [
  { ...pebble, images: [picture(640), picture(320), picture(160)] },
  { ...moth, images: [], genres: null },
  { ...links('artist', 'older'), followers: { href: null, total: 12 }, genres: ['chamber pop'], popularity: 55 },
  null,
]

const listener: Fields = { ...links('user', 'listener-one'), display_name: null }

/** One page of a list. */
const page = (items: Json[], total = items.length): Fields => ({
  href: 'https://api.spotify.com/v1/me',
  items,
  limit: 50,
  next: null,
  offset: 0,
  previous: null,
  total,
})

const wrapped = (name: string, things: Json[], wrapping: Fields): Json[] =>
  things.map((thing) => ({ ...wrapping, [name]: thing }))

const WITHDRAWN = 'item withdrawn by Spotify'

const topTracks: Fixture = {
  body: page([...tracks, localFile, null, { name: 'Nameless' }]),
  kept: 5,
  rejected: { [WITHDRAWN]: 1, 'neither id nor URI': 1 },
}

const topArtists: Fixture = {
  body: page([...artists, { name: 'Nobody' }]),
  kept: 3,
  rejected: { [WITHDRAWN]: 1, 'neither id nor URI': 1 },
}

const entry: Fields = {
  added_at: ADDED_AT,
  added_by: listener,
  is_local: false,
  primary_color: null,
  video_thumbnail: { url: null },
}

const chart: Fixture = {
  body: page(wrapped('item', [...tracks, null, {}], { ...entry, added_by: { id: '' } })),
  kept: 4,
  rejected: { [WITHDRAWN]: 1, 'neither id nor URI': 1 },
}

const recentlyPlayed: Fixture = {
  body: {
    cursors: { after: '1709251199123', before: '1709251100000' },
    href: 'https://api.spotify.com/v1/me/player/recently-played',
    items: [
      ...wrapped('track', tracks, { context: null, played_at: '2024-02-29T23:59:59.123Z' }),
      { context: { ...links('album', 'tidepool') }, played_at: '2024-03-01T01:00:00.5+01:00', track },
      { context: {}, played_at: '2024-02-29T23:50:00Z', track },
      { context: null, played_at: '2024-02-29T23:40:00.000Z', track: null },
      { context: null, played_at: 'yesterday', track },
      { played_at: '2024-02-29T23:30:00.000Z', track: { name: 'Nameless' } },
      null,
    ],
    limit: 50,
    next: null,
  },
  kept: 6,
  rejected: { [WITHDRAWN]: 2, 'no time of play': 1, 'no track URI': 1 },
}

const savedTracks: Fixture = {
  body: page([...wrapped('track', [...tracks, localFile, null], { added_at: ADDED_AT }), null, { track }], 1_200),
  kept: 5,
  rejected: { 'no id': 1, [WITHDRAWN]: 2 },
}

const fullAlbum: Fields = {
  ...album,
  copyrights: [{ text: '1978 Pebble & Sons', type: 'C' }],
  external_ids: { upc: '000000000017' },
  genres: [],
  tracks: page([track]),
}

const savedAlbums: Fixture = {
  body: page([
    { added_at: ADDED_AT, album: fullAlbum },
    { added_at: null, album: { id: 'sparse' } },
    { added_at: ADDED_AT, album: { ...fullAlbum, id: '' } },
    { added_at: ADDED_AT, album: null },
    null,
  ]),
  kept: 2,
  rejected: { 'no id': 1, [WITHDRAWN]: 2 },
}

const followedArtists: Fixture = {
  body: { artists: { ...page([...artists, { name: 'Nobody' }]), cursors: { after: null }, next: null } },
  kept: 3,
  rejected: { [WITHDRAWN]: 1, 'no id': 1 },
}

const playlist: Fields = {
  ...links('playlist', 'rainy'),
  collaborative: false,
  description: 'Rain &amp; tea',
  images: [picture(null)],
  items: { href: 'https://api.spotify.com/v1/playlists/rainy/items', total: 3 },
  name: 'Rainy days',
  owner: listener,
  primary_color: null,
  public: true,
  snapshot_id: 'AAAAAQ==',
}

const playlists: Fixture = {
  body: page([
    playlist,
    { ...playlist, id: 'odd', description: null, images: null, items: { total: null }, public: null, owner: null },
    { id: 'sparse' },
    { ...playlist, id: null },
    null,
  ]),
  kept: 3,
  rejected: { 'no id': 1, [WITHDRAWN]: 1 },
}

const playlistItems: Fixture = {
  body: page([
    { ...entry, item: track },
    { ...entry, item: track },
    { ...entry, item: { ...track, id: null, uri: 'spotify:track:null' } },
    { ...entry, added_at: null, added_by: null, item: episode },
    { ...entry, is_local: true, item: localFile },
    { item: {} },
    { ...entry, item: null },
    null,
  ]),
  kept: 6,
  rejected: { [WITHDRAWN]: 2 },
}

export const fixtures: Record<string, Fixture> = {
  user_top_tracks_st_stream: topTracks,
  user_top_tracks_mt_stream: topTracks,
  user_top_tracks_lt_stream: topTracks,
  user_top_artists_st_stream: topArtists,
  user_top_artists_mt_stream: topArtists,
  user_top_artists_lt_stream: topArtists,
  user_recently_played_stream: recentlyPlayed,
  user_playlists_stream: playlists,
  user_playlist_items_stream: playlistItems,
  user_saved_tracks_stream: savedTracks,
  user_saved_albums_stream: savedAlbums,
  user_followed_artists_stream: followedArtists,
  global_top_tracks_daily_stream: chart,
  global_top_tracks_weekly_stream: chart,
  global_viral_tracks_daily_stream: chart,
}

/** The same response as before February 2026: with other names, and with markets in every track and album. */
export function asBefore2026(response: Json): Json {
  if (Array.isArray(response)) return response.map(asBefore2026)
  if (response === null || typeof response !== 'object') return response
  const named = Object.entries(response).map(([name, value]): [string, Json] => {
    if (name === 'item') return ['track', asBefore2026(value)]
    if (name === 'items' && !Array.isArray(value)) return ['tracks', asBefore2026(value)]
    return [name, asBefore2026(value)]
  })
  const markets: Fields = 'id' in response ? { available_markets: ['SE', 'TH'] } : {}
  return { ...Object.fromEntries(named), ...markets }
}
