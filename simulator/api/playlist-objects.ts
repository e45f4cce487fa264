import type { Json } from '#lib/core/table.ts'
import type { Catalogue } from '#simulator/catalogue/catalogue.ts'
import type { Context, Entry, Playlist } from '#simulator/music/music.ts'
import type { JsonObject } from '#simulator/core/http.ts'
import { hash } from '#simulator/core/random.ts'
import type { ApiObjects } from './objects.ts'

/** Playlists, what stands in them, and what plays come from, in the words of Spotify. */

/** Spotify gives whole seconds here. */
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

function playlistImages(wire: ApiObjects, { pictures, id }: Playlist): Json {
  if (pictures === 'null') return null
  if (pictures === 'none') return []
  // Pictures of playlists come in one size, whose measures are often not told.
  return [{ height: null, url: `${wire.origin}/artwork/playlist/${id}?size=640`, width: null }]
}

/** @param items a reference in lists; a page or nothing where the playlist itself is asked for */
export function playlistObject(wire: ApiObjects, playlist: Playlist, items: JsonObject | undefined): JsonObject {
  const { id, name, description, owner, collaborative, snapshot } = playlist
  return {
    collaborative,
    description,
    ...wire.links('playlist', id),
    images: playlistImages(wire, playlist),
    name,
    owner: { display_name: owner.name, ...userObject(wire.origin, owner.id) },
    primary_color: null,
    public: playlist.public,
    snapshot_id: snapshot,
    ...(items ? { items } : {}),
  }
}

/** A file on the listener's computer: Spotify knows its tags and nothing else. */
function localFileObject(catalogue: Catalogue, ref: number): JsonObject {
  const { name, album, durationMs } = catalogue.track(ref)
  const artist = catalogue.nameOf(album.artist)
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

function episodeObject(wire: ApiObjects, catalogue: Catalogue, ref: number): JsonObject {
  const { name, durationMs } = catalogue.track(ref)
  const show = wire.id('show', hash(ref))
  return {
    audio_preview_url: null,
    description: `A talk about ${name}`,
    duration_ms: durationMs * 12,
    explicit: false,
    ...wire.links('episode', wire.id('episode', ref)),
    html_description: `<p>A talk about ${name}</p>`,
    images: wire.images('episode', wire.id('episode', ref)),
    is_externally_hosted: false,
    is_playable: true,
    language: 'en',
    languages: ['en'],
    name: `Episode: ${name}`,
    release_date: '2025-06-01',
    release_date_precision: 'day',
    show: {
      copyrights: [],
      description: 'Talks about songs',
      explicit: false,
      ...wire.links('show', show),
      html_description: '<p>Talks about songs</p>',
      images: wire.images('show', show),
      is_externally_hosted: false,
      languages: ['en'],
      media_type: 'audio',
      name: 'Talks about songs',
      total_episodes: 80,
    },
  }
}

/** @param asksEpisodes without it Spotify leaves the place of an episode empty */
function entryMedia(wire: ApiObjects, catalogue: Catalogue, { what, ref }: Entry, asksEpisodes: boolean): JsonObject | null {
  switch (what) {
    case 'track':
      return wire.track(ref)
    case 'greyed out':
      return { ...wire.track(ref), id: null, href: null, uri: 'spotify:track:null', is_playable: false }
    case 'gone':
      return null
    case 'local file':
      return localFileObject(catalogue, ref)
    case 'episode':
      return asksEpisodes ? episodeObject(wire, catalogue, ref) : null
  }
}

export function playlistItemObject(wire: ApiObjects, catalogue: Catalogue, entry: Entry, asksEpisodes: boolean): JsonObject {
  return {
    added_at: entry.addedAt === null ? null : isoSeconds(entry.addedAt),
    added_by: entry.addedBy === null ? null : userObject(wire.origin, entry.addedBy),
    is_local: entry.what === 'local file',
    primary_color: null,
    item: entryMedia(wire, catalogue, entry, asksEpisodes),
    video_thumbnail: { url: null },
  }
}
