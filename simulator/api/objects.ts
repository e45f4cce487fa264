import type { Album, Catalogue } from '#simulator/catalogue/catalogue.ts'
import type { JsonObject } from '#simulator/core/http.ts'
import { offsetPage } from './paging.ts'
import { hash } from '#simulator/core/random.ts'

/** Music in the words of Spotify: the objects that a Development Mode app created after February 2026 receives. */

export type ApiObjects = ReturnType<typeof createApiObjects>

/** Sizes as the real service offers them. */
const COVER_SIZES = [640, 300, 64]
const PORTRAIT_SIZES = [640, 320, 160]
const UPC = 14

/** @param origin of the simulator, `http://127.0.0.1:port`; links and pictures lead there */
export function createApiObjects(catalogue: Catalogue, origin: string) {
  const { id } = catalogue
  const links = (kind: string, of: string): JsonObject => ({
    external_urls: { spotify: `https://open.spotify.com/${kind}/${of}` },
    href: `${origin}/v1/${kind}s/${of}`,
    id: of,
    type: kind,
    uri: `spotify:${kind}:${of}`,
  })

  function images(kind: string, of: string, sizes = COVER_SIZES): JsonObject[] {
    return sizes.map((size) => ({ height: size, url: `${origin}/artwork/${kind}/${of}?size=${size}`, width: size }))
  }

  function simpleArtist(artist: number): JsonObject {
    return { ...links('artist', id('artist', artist)), name: catalogue.nameOf(artist) }
  }

  function artist(index: number): JsonObject {
    const of = id('artist', index)
    const usual = {
      ...links('artist', of),
      images: images('artist', of, PORTRAIT_SIZES),
      name: catalogue.nameOf(index),
    }
    return catalogue.oddity(index)?.artist?.(usual) ?? usual
  }

  function plainAlbum(album: Album): JsonObject {
    const of = id('album', album.index)
    return {
      album_type: album.type,
      artists: [simpleArtist(album.artist)],
      ...links('album', of),
      images: images('album', of),
      is_playable: true,
      name: album.name,
      release_date: album.released,
      release_date_precision: 'day',
      total_tracks: album.tracks,
    }
  }

  function simpleTrack(index: number): JsonObject {
    const track = catalogue.track(index)
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
    const { album, isrc } = catalogue.track(index)
    const usual = { album: plainAlbum(album), ...simpleTrack(index), external_ids: { isrc }, is_playable: true }
    return catalogue.oddity(album.artist)?.track?.(usual) ?? usual
  }

  /** The album inside a track; awkward if its artist is. */
  function simpleAlbum(index: number): JsonObject {
    const usual = plainAlbum(catalogue.album(index))
    const odd = catalogue.oddity(catalogue.album(index).artist)?.track?.({ album: usual }).album
    return odd && typeof odd === 'object' && !Array.isArray(odd) ? odd : usual
  }

  /** The whole album with the first page of its tracks, which holds all of them. */
  function album(index: number): JsonObject {
    const one = catalogue.album(index)
    const key = hash(catalogue.seed, UPC, index)
    const asked = { origin, path: `/albums/${id('album', index)}/tracks`, query: new URLSearchParams({ limit: '50' }) }
    const tracks = catalogue.tracksOf(one)
    return {
      ...simpleAlbum(index),
      copyrights: [{ text: `${one.released.slice(0, 4)} ${catalogue.nameOf(one.artist)}`, type: 'C' }],
      external_ids: { upc: String(100_000_000_000 + key).padStart(12, '0') },
      genres: [],
      tracks: offsetPage(asked, { total: tracks.length, entries: tracks }, simpleTrack),
    }
  }

  return { origin, links, images, simpleArtist, artist, simpleTrack, track, simpleAlbum, album, id }
}
