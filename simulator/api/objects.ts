import type { Album, Catalog } from '#simulator/catalog/catalog.ts'
import type { JsonObject } from '#simulator/core/http.ts'
import { hash } from '#simulator/core/random.ts'
import { offsetPage } from './paging.ts'

/** JSON objects as Spotify sends them to a Development Mode app that was created after February 2026. */

export type ApiObjects = ReturnType<typeof createApiObjects>

/** The real service's sizes. */
const COVER_SIZES = [640, 300, 64]
const PORTRAIT_SIZES = [640, 320, 160]
const UPC = 14

/** @param origin the simulator's, `http://127.0.0.1:port`, for links and images */
export function createApiObjects(catalog: Catalog, origin: string) {
  const { id } = catalog
  const links = (kind: string, id: string): JsonObject => ({
    external_urls: { spotify: `https://open.spotify.com/${kind}/${id}` },
    href: `${origin}/v1/${kind}s/${id}`,
    id,
    type: kind,
    uri: `spotify:${kind}:${id}`,
  })

  function images(kind: string, id: string, sizes = COVER_SIZES): JsonObject[] {
    return sizes.map((size) => ({ height: size, url: `${origin}/artwork/${kind}/${id}?size=${size}`, width: size }))
  }

  function simpleArtist(artist: number): JsonObject {
    return { ...links('artist', id('artist', artist)), name: catalog.nameOf(artist) }
  }

  function artist(index: number): JsonObject {
    const artistId = id('artist', index)
    const normal = {
      ...links('artist', artistId),
      images: images('artist', artistId, PORTRAIT_SIZES),
      name: catalog.nameOf(index),
      ...(catalog.curiosity(index)?.hasNoArtwork ? { images: [] } : {}),
    }
    return catalog.oddity(index)?.artist?.(normal) ?? normal
  }

  function plainAlbum(album: Album): JsonObject {
    const albumId = id('album', album.index)
    const { hasNoArtwork, year } = catalog.curiosity(album.artist) ?? {}
    return {
      album_type: album.type,
      artists: [simpleArtist(album.artist)],
      ...links('album', albumId),
      images: hasNoArtwork ? [] : images('album', albumId),
      is_playable: true,
      name: album.name,
      release_date: year ?? album.released,
      release_date_precision: year ? 'year' : 'day',
      total_tracks: album.tracks,
    }
  }

  function simpleTrack(index: number): JsonObject {
    const track = catalog.track(index)
    return {
      artists: track.artists.map(simpleArtist),
      disc_number: 1,
      duration_ms: track.durationMs,
      explicit: track.explicit,
      ...links('track', id('track', index)),
      is_local: false,
      name: track.name,
      preview_url: null,
      track_number: track.trackNumber,
    }
  }

  function track(index: number): JsonObject {
    const { album, isrc } = catalog.track(index)
    const normal = { album: plainAlbum(album), ...simpleTrack(index), external_ids: { isrc }, is_playable: true }
    return catalog.oddity(album.artist)?.track?.(normal) ?? normal
  }

  /** The album inside a track. It is odd if its artist is. */
  function simpleAlbum(index: number): JsonObject {
    const normal = plainAlbum(catalog.album(index))
    const odd = catalog.oddity(catalog.album(index).artist)?.track?.({ album: normal }).album
    return odd && typeof odd === 'object' && !Array.isArray(odd) ? odd : normal
  }

  /** The full album with the first page of its tracks, which here holds all of them. */
  function album(index: number): JsonObject {
    const { artist, released } = catalog.album(index)
    const key = hash(catalog.seed, UPC, index)
    const page = { origin, path: `/albums/${id('album', index)}/tracks`, query: new URLSearchParams({ limit: '50' }) }
    const tracks = catalog.tracksOf(catalog.album(index))
    return {
      ...simpleAlbum(index),
      copyrights: [{ text: `${released.slice(0, 4)} ${catalog.nameOf(artist)}`, type: 'C' }],
      external_ids: { upc: String(100_000_000_000 + key).padStart(12, '0') },
      genres: [],
      tracks: offsetPage(page, { total: tracks.length, entries: tracks }, simpleTrack),
    }
  }

  return { origin, links, images, simpleArtist, artist, simpleTrack, track, simpleAlbum, album, id }
}
