import type { Json } from '#lib/core/table.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import type { JsonObject } from '#simulator/core/http.ts'
import { hash } from '#simulator/core/random.ts'
import type { Context, Entry, Playlist } from '#simulator/music/music.ts'
import type { ApiObjects } from './objects.ts'

/** Playlists, their items and the contexts of plays as Spotify sends them. */

/** Spotify sends whole seconds here. */
export function isoSeconds(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

export function userObject(origin: string, id: string): JsonObject {
  return {
    external_urls: { spotify: `https://open.spotify.com/user/${id}` },
    href: `${origin}/v1/users/${id}`,
    id,
    type: 'user',
    uri: `spotify:user:${id}`,
  }
}

export function contextObject(origin: string, { type, id }: Context): JsonObject {
  if (type === 'collection')
    return {
      external_urls: { spotify: 'https://open.spotify.com/collection' },
      href: `${origin}/v1/me/tracks`,
      type,
      uri: `spotify:user:${id}:collection`,
    }
  return {
    external_urls: { spotify: `https://open.spotify.com/${type}/${id}` },
    href: `${origin}/v1/${type}s/${id}`,
    type,
    uri: `spotify:${type}:${id}`,
  }
}

function playlistImages(objects: ApiObjects, { images, id }: Playlist): Json {
  if (images === 'null') return null
  if (images === 'none') return []
  // Playlist images come in one size, often without width and height.
  return [{ height: null, url: `${objects.origin}/artwork/playlist/${id}?size=640`, width: null }]
}

/** @param items a reference in lists; a page or nothing for a single playlist */
export function playlistObject(objects: ApiObjects, playlist: Playlist, items: JsonObject | undefined): JsonObject {
  const { id, name, description, owner, collaborative, snapshot } = playlist
  return {
    collaborative,
    description,
    ...objects.links('playlist', id),
    images: playlistImages(objects, playlist),
    name,
    owner: { display_name: owner.name, ...userObject(objects.origin, owner.id) },
    primary_color: null,
    public: playlist.public,
    snapshot_id: snapshot,
    ...(items ? { items } : {}),
  }
}

/** A file on the listener's computer. Spotify knows only its tags. */
function localFileObject(catalog: Catalog, ref: number): JsonObject {
  const { name, album, durationMs } = catalog.track(ref)
  const artist = catalog.nameOf(album.artist)
  const tags = [artist, album.name, name].map((tag) => encodeURIComponent(tag).replaceAll('%20', '+'))
  const nothing = { external_urls: {}, href: null, id: null }
  return {
    album: {
      album_type: null,
      artists: [],
      ...nothing,
      images: [],
      name: album.name,
      release_date: null,
      release_date_precision: null,
      type: 'album',
      uri: null,
    },
    artists: [{ ...nothing, name: artist, type: 'artist', uri: null }],
    disc_number: 0,
    duration_ms: durationMs,
    explicit: false,
    external_ids: {},
    ...nothing,
    is_local: true,
    name,
    preview_url: null,
    track_number: 0,
    type: 'track',
    uri: `spotify:local:${tags.join(':')}:${Math.round(durationMs / 1000)}`,
  }
}

function episodeObject(objects: ApiObjects, catalog: Catalog, ref: number): JsonObject {
  const { name, durationMs } = catalog.track(ref)
  const show = objects.id('show', hash(ref))
  return {
    audio_preview_url: null,
    description: `A talk about ${name}`,
    duration_ms: durationMs * 12,
    explicit: false,
    ...objects.links('episode', objects.id('episode', ref)),
    html_description: `<p>A talk about ${name}</p>`,
    images: objects.images('episode', objects.id('episode', ref)),
    is_externally_hosted: false,
    is_playable: true,
    language: 'en',
    languages: ['en'],
    name: `On “${name}”`,
    release_date: '2025-06-01',
    release_date_precision: 'day',
    show: {
      copyrights: [],
      description: 'Songs, and how they came about',
      explicit: false,
      ...objects.links('show', show),
      html_description: '<p>Songs, and how they came about</p>',
      images: objects.images('show', show),
      is_externally_hosted: false,
      languages: ['en'],
      media_type: 'audio',
      name: 'Liner Notes',
      total_episodes: 80,
    },
  }
}

/** @param withEpisodes if false, Spotify sends null for an episode */
function entryMedia(
  objects: ApiObjects,
  catalog: Catalog,
  { what, ref }: Entry,
  withEpisodes: boolean,
): JsonObject | null {
  switch (what) {
    case 'track':
      return objects.track(ref)
    case 'grayed out':
      return { ...objects.track(ref), id: null, href: null, uri: 'spotify:track:null', is_playable: false }
    case 'gone':
      return null
    case 'local file':
      return localFileObject(catalog, ref)
    case 'episode':
      return withEpisodes ? episodeObject(objects, catalog, ref) : null
  }
}

export function playlistItemObject(
  objects: ApiObjects,
  catalog: Catalog,
  entry: Entry,
  withEpisodes: boolean,
): JsonObject {
  return {
    added_at: entry.addedAt === null ? null : isoSeconds(entry.addedAt),
    added_by: entry.addedBy === null ? null : userObject(objects.origin, entry.addedBy),
    is_local: entry.what === 'local file',
    primary_color: null,
    item: entryMedia(objects, catalog, entry, withEpisodes),
    video_thumbnail: { url: null },
  }
}
