import { z } from 'zod'

/**
 * The fields of Spotify's answers that we rely on. Every field may be missing (an app of late 2026 gets fewer than an
 * older one) and others may come along: they are handed on untouched. A value of another kind than known reads as null,
 * because one odd value must not cost the listener the whole answer; what is no object or no list at all is refused.
 */

const Text = z.string().nullish().catch(null)
const Integer = z.int().nullish().catch(null)
const Double = z.number().nullish().catch(null)
const Flag = z.boolean().nullish().catch(null)
const Instant = z.iso.datetime({ offset: true }).nullish().catch(null)
const Links = z.looseObject({ spotify: Text }).nullish().catch(null)

/** Sizes are null for pictures of playlists. Usually the widest comes first; nobody promises it. */
const Image = z.looseObject({ url: Text, height: Integer, width: Integer })

/** Null for new playlists, empty for artists and albums without a picture. */
const Images = z.array(Image).nullish().catch(null)

/** ISRC of tracks, UPC of albums; `{}` for what has none. */
const ExternalIds = z.looseObject({ isrc: Text, upc: Text }).nullish().catch(null)

/**
 * In tracks and albums without pictures. `genres`, `followers` and `popularity` no longer come since February 2026 (a
 * list, null or absent). Artists of local files have no id.
 */
export const Artist = z.looseObject({
  id: Text,
  name: Text,
  type: Text,
  uri: Text,
  href: Text,
  popularity: Integer,
  images: Images,
  external_urls: Links,
})
export type Artist = z.infer<typeof Artist>

const Artists = z.array(Artist.nullable()).nullish().catch(null)

/**
 * Both the short one in tracks and the full one of the library, which adds `external_ids`, `copyrights` and `tracks`.
 * `name` is "" for a withdrawn album; `release_date` may be a year, a month or "0000". Albums of local files have no id.
 * `label` and `popularity` no longer come.
 */
export const Album = z.looseObject({
  id: Text,
  name: Text,
  type: Text,
  uri: Text,
  href: Text,
  album_type: Text,
  release_date: Text,
  release_date_precision: Text,
  total_tracks: Integer,
  label: Text,
  popularity: Integer,
  artists: Artists,
  images: Images,
  external_ids: ExternalIds,
  external_urls: Links,
})
export type Album = z.infer<typeof Album>

/** Withdrawn since November 2024; older apps may still see them. Numbers without unit lie between 0 and 1. */
const audioFeatures = {
  acousticness: Double,
  danceability: Double,
  energy: Double,
  instrumentalness: Double,
  liveness: Double,
  /** Decibels, below zero. */
  loudness: Double,
  speechiness: Double,
  /** Beats per minute. */
  tempo: Double,
  valence: Double,
  /** Pitch class, 0 = C. */
  key: Integer,
  /** 1 = major, 0 = minor. */
  mode: Integer,
  time_signature: Integer,
  analysis_url: Text,
  track_href: Text,
}

/**
 * `popularity` no longer comes, `preview_url` is null. `id` is null for local files and for what was withdrawn.
 * `is_playable` comes only where a market is known.
 */
export const Track = z.looseObject({
  id: Text,
  name: Text,
  type: Text,
  uri: Text,
  href: Text,
  disc_number: Integer,
  track_number: Integer,
  duration_ms: Integer,
  explicit: Flag,
  is_local: Flag,
  is_playable: Flag,
  popularity: Integer,
  preview_url: Text,
  album: Album.nullish().catch(null),
  artists: Artists,
  external_ids: ExternalIds,
  external_urls: Links,
  ...audioFeatures,
})
export type Track = z.infer<typeof Track>

/** What may stand in a playlist: a track, or (`type` "episode") an episode with its show and neither artists nor album. */
const Media = Track.extend({ show: z.looseObject({ name: Text }).nullish().catch(null) })

/** `track` is null for what Spotify withdrew. */
export const SavedTrack = z.looseObject({ added_at: Instant, track: Track.nullable() })
export type SavedTrack = z.infer<typeof SavedTrack>

export const SavedAlbum = z.looseObject({ added_at: Instant, album: Album.nullable() })
export type SavedAlbum = z.infer<typeof SavedAlbum>

/**
 * One play. `played_at` has milliseconds and is the start or the end, depending on the listener's client. `context`, the
 * list played from, is null often and may name a playlist that the listener cannot read.
 */
export const Play = z.looseObject({
  played_at: Instant,
  track: Track.nullable(),
  context: z.looseObject({ type: Text, uri: Text }).nullish().catch(null),
})
export type Play = z.infer<typeof Play>

/**
 * `item` is null for what Spotify withdrew. `added_at` and `added_by` are null in very old playlists; `added_by.id` is ""
 * in charts.
 */
export const PlaylistItem = z.preprocess(
  renamed('track', 'item'),
  z.looseObject({
    added_at: Instant,
    added_by: z.looseObject({ id: Text }).nullish().catch(null),
    is_local: Flag,
    item: Media.nullable(),
  }),
)
export type PlaylistItem = z.infer<typeof PlaylistItem>

/**
 * `description` is HTML-escaped. `public` is null when unknown, `owner.display_name` for users without a name.
 * `items.total` has been seen null.
 */
export const Playlist = z.preprocess(
  renamed('tracks', 'items'),
  z.looseObject({
    id: Text,
    name: Text,
    description: Text,
    uri: Text,
    collaborative: Flag,
    public: Flag,
    snapshot_id: Text,
    owner: z.looseObject({ id: Text, display_name: Text }).nullish().catch(null),
    items: z.looseObject({ total: Integer }).nullish().catch(null),
    images: Images,
    external_urls: Links,
  }),
)
export type Playlist = z.infer<typeof Playlist>

/**
 * One page of a list. `total` may exceed what the pages deliver. Lists by cursor have `cursors` (null on an empty page);
 * that of recently played leads nowhere, since Spotify keeps the last 50 plays only.
 */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.looseObject({
    items: z.array(item.nullable()),
    total: Integer,
    next: Text,
    cursors: z.looseObject({ after: Text }).nullish().catch(null),
  })
}

/** Gives a field of before February 2026 its present name; where both come the present one wins unless it is null. */
function renamed(before: string, now: string): (answered: unknown) => unknown {
  return (answered) => {
    if (!isObject(answered) || !(before in answered)) return answered
    const { [before]: old, ...rest } = answered
    return { ...rest, [now]: rest[now] ?? old }
  }
}

/**
 * The answer without `available_markets`, at every depth: 180 country codes on each track and album, which no longer come
 * and which nobody asked for.
 */
export function withoutMarkets(answered: unknown): unknown {
  if (Array.isArray(answered)) return answered.map(withoutMarkets)
  if (!isObject(answered)) return answered
  const kept = Object.entries(answered).filter(([name]) => name !== 'available_markets')
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutMarkets(value)]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
