import { z } from 'zod'

/**
 * The fields of Spotify's responses that we rely on. Every field may be missing (apps of late 2026 get fewer than older
 * ones), and unknown fields pass through unchanged. A value of an unexpected type, or one that means nothing in its
 * field, becomes null, so that one odd value doesn't fail the whole response. `parseResponse` already replaced unsafe
 * links and values that no store can hold. Anything that isn't an object or list is rejected.
 */

const Text = z.string().nullish().catch(null)
/**
 * Spotify's ids have 22 characters; an index of Postgres holds ids of playlists and accounts. In the path of a request, "."
 * and ".." would lead elsewhere, however they are encoded.
 */
export const Identifier = z
  .string()
  .max(255)
  .regex(/^(?!\.{1,2}$)/)
  .nullish()
  .catch(null)
/** The URI of a local file contains its artist, album and title. */
const Uri = z.string().max(4_000).nullish().catch(null)
/** An amount, size or position. The upper bound is that of an integer in Postgres. */
const Count = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .nullish()
  .catch(null)
const Integer = z.int().nullish().catch(null)
const Double = z.number().nullish().catch(null)
const Flag = z.boolean().nullish().catch(null)
const Links = z.looseObject({ spotify: Text }).nullish().catch(null)

const EARLIEST = Date.UTC(1970, 0) // Spotify's `added_at` of playlists from before 2013
const END = Date.UTC(2100, 0)

/** Within the range that every store supports, also in UTC. */
function isInstant(text: string): boolean {
  const ms = Date.parse(text)
  return ms >= EARLIEST && ms < END
}

const Instant = z.iso.datetime({ offset: true }).refine(isInstant).nullish().catch(null)

/** What artists, albums and tracks have in common. */
const named = { id: Identifier, name: Text, type: Text, uri: Uri, href: Text, external_urls: Links }

/** Sizes are null for playlist images. The widest usually comes first, but Spotify doesn't guarantee it. */
const Image = z.looseObject({ url: Text, height: Count, width: Count })

/** Null for new playlists, empty for artists and albums without images. */
export const Images = z.array(Image.nullable().catch(null)).nullish().catch(null)

/** ISRC of tracks, UPC of albums; `{}` if there is none. */
const ExternalIds = z.looseObject({ isrc: Text, upc: Text }).nullish().catch(null)

/**
 * Without images in tracks and albums. Since February 2026 Spotify no longer sends `genres`, `followers` and `popularity`
 * (a list, null or absent). Artists of local files have no id.
 */
export const Artist = z.looseObject({
  ...named,
  popularity: Count,
  images: Images,
})
export type Artist = z.infer<typeof Artist>

const Artists = z.array(Artist.nullable().catch(null)).nullish().catch(null)

/**
 * Both the short form in tracks and the full form in the library, which adds `external_ids`, `copyrights` and `tracks`.
 * `name` is "" for a withdrawn album; `release_date` can be a year, a month or "0000". Albums of local files have no id.
 * Spotify no longer sends `label` and `popularity`.
 */
export const Album = z.looseObject({
  ...named,
  album_type: Text,
  release_date: Text,
  release_date_precision: Text,
  total_tracks: Count,
  label: Text,
  popularity: Count,
  artists: Artists,
  images: Images,
  external_ids: ExternalIds,
})
export type Album = z.infer<typeof Album>

/** Withdrawn since November 2024; older apps may still get them. Numbers without a unit are between 0 and 1. */
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
  /** Pitch class, 0 = C; -1 if none was detected. */
  key: Integer,
  /** 1 = major, 0 = minor. */
  mode: Count,
  time_signature: Count,
  analysis_url: Text,
  track_href: Text,
}

/**
 * Spotify no longer sends `popularity`, and `preview_url` is null. `id` is null for local and withdrawn tracks.
 * `is_playable` is only there if a market is known.
 */
export const Track = z.looseObject({
  ...named,
  disc_number: Count,
  track_number: Count,
  duration_ms: Count,
  explicit: Flag,
  is_local: Flag,
  is_playable: Flag,
  popularity: Count,
  preview_url: Text,
  album: Album.nullish().catch(null),
  artists: Artists,
  external_ids: ExternalIds,
  ...audioFeatures,
})
export type Track = z.infer<typeof Track>

/** An item of a playlist: a track, or (`type` "episode") an episode with its show and without artists and album. */
const Media = Track.extend({ show: z.looseObject({ name: Text }).nullish().catch(null) })

/** `track` is null if Spotify withdrew it. */
export const SavedTrack = z.looseObject({ added_at: Instant, track: Track.nullable() })
export type SavedTrack = z.infer<typeof SavedTrack>

export const SavedAlbum = z.looseObject({ added_at: Instant, album: Album.nullable() })
export type SavedAlbum = z.infer<typeof SavedAlbum>

/**
 * One play. `played_at` has milliseconds and is the start or the end, depending on the listener's client. `context`, what
 * it was played from, is often null and may be a playlist that the listener can't read.
 */
export const Play = z.looseObject({
  played_at: Instant,
  track: Track.nullable(),
  context: z.looseObject({ type: Text, uri: Uri }).nullish().catch(null),
})
export type Play = z.infer<typeof Play>

/**
 * `item` is null if Spotify withdrew it. `added_at` and `added_by` are null in very old playlists; `added_by.id` is "" in
 * charts.
 */
export const PlaylistItem = z.preprocess(
  renamed('track', 'item'),
  z.looseObject({
    added_at: Instant,
    added_by: z.looseObject({ id: Identifier }).nullish().catch(null),
    is_local: Flag,
    item: Media.nullable(),
  }),
)
export type PlaylistItem = z.infer<typeof PlaylistItem>

/**
 * `description` is HTML-escaped. `public` is null if unknown, `owner.display_name` is null for users without a name, and
 * `items.total` is sometimes null.
 */
export const Playlist = z.preprocess(
  renamed('tracks', 'items'),
  z.looseObject({
    id: Identifier,
    name: Text,
    description: Text,
    uri: Uri,
    collaborative: Flag,
    public: Flag,
    snapshot_id: Text,
    owner: z.looseObject({ id: Identifier, display_name: Text }).nullish().catch(null),
    items: z.looseObject({ total: Count }).nullish().catch(null),
    images: Images,
    external_urls: Links,
  }),
)
export type Playlist = z.infer<typeof Playlist>

/**
 * One page of a list, its items not yet parsed. `total` can exceed what the pages contain. Lists with cursor paging
 * have `cursors` (null on an empty page). The cursor of recently played is useless, because Spotify only keeps the last
 * 50 plays.
 */
export const List = z.looseObject({
  items: z
    .array(z.unknown())
    // One odd item is skipped, but a list without any object is malformed.
    .refine((items) => items.length === 0 || items.some((item) => typeof item === 'object' && !Array.isArray(item))),
  total: Count,
  limit: Count,
  offset: Count,
  next: Text,
  cursors: z.looseObject({ after: Identifier }).nullish().catch(null),
})

/** Gives a field from before February 2026 its new name. If both are there, the new one wins unless it is null. */
function renamed(before: string, now: string): (value: unknown) => unknown {
  return (value) => {
    if (!isObject(value) || !(before in value)) return value
    const { [before]: old, ...rest } = value
    return { ...rest, [now]: rest[now] ?? old }
  }
}

/**
 * Removes `available_markets` at every depth: 180 country codes on each track and album that Spotify no longer sends and
 * nobody needs.
 */
export function withoutMarkets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarkets)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'available_markets')
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutMarkets(inner)]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
