import { chance, hash, pick } from '#simulator/core/random.ts'
import { CURIOSITIES } from './curiosities.ts'
import { idOf, indexOf, type Kind } from './ids.ts'
import { albumName, artistName, trackName } from './names.ts'
import { ODDITIES } from './oddities.ts'

/**
 * All music in the simulation. Everything has an index: album = artist × 8 + n, track = album × 16 + n. Nothing is stored:
 * names, lengths and dates are computed from the seed and the index.
 */

/** A prime, so that every listener can discover the artists in a different order (see taste.ts). */
export const ARTISTS = 1801
const ALBUM_SLOTS = 8
const TRACK_SLOTS = 16

/** Artists after the ordinary ones: first those with odd names or shapes for tests, then those of an odd library. */
export const ODD_ARTISTS = { first: ARTISTS, count: ODDITIES.length }
export const CURIOUS_ARTISTS = { first: ARTISTS + ODDITIES.length, count: CURIOSITIES.length }

export interface Album {
  index: number
  artist: number
  type: 'album' | 'single' | 'compilation'
  name: string
  released: string
  tracks: number
}

interface Track {
  index: number
  album: Album
  name: string
  artists: number[]
  /** From 1. */
  trackNumber: number
  durationMs: number
  explicit: boolean
  isrc: string
}

const ARTIST = 11
const ALBUM = 12
const TRACK = 13

export type Catalog = ReturnType<typeof createCatalog>

export function createCatalog(seed: number) {
  let names: string[] | undefined
  // Bounded by the number of albums.
  const albums = new Map<number, Album>()
  const discographies = new Map<number, Album[]>()

  function oddity(artist: number) {
    return ODDITIES[artist - ARTISTS]
  }

  function curiosity(artist: number) {
    return CURIOSITIES[artist - CURIOUS_ARTISTS.first]
  }

  /** Each artist has a name of their own. */
  function ordinaryNames(): string[] {
    const taken = new Set<string>()
    for (let artist = 0; artist < ARTISTS; artist++) {
      let name = artistName(hash(seed, ARTIST, artist))
      for (let attempt = 1; taken.has(name); attempt++) name = artistName(hash(seed, ARTIST, artist, 100 + attempt))
      taken.add(name)
    }
    return [...taken]
  }

  function nameOf(artist: number): string {
    names ??= ordinaryNames()
    return oddity(artist)?.name ?? curiosity(artist)?.name ?? names[artist] ?? ''
  }

  /** 2 to 7 albums, or those that are named. */
  function albumCount(artist: number): number {
    const named = curiosity(artist)?.albums.length
    if (named !== undefined) return named
    return 2 + (hash(seed, ARTIST, artist, 1) % (ALBUM_SLOTS - 2))
  }

  function makeAlbum(index: number): Album {
    const artist = Math.floor(index / ALBUM_SLOTS)
    const key = hash(seed, ALBUM, index)
    const kind = chance(key, 1)
    const type = kind < 0.3 ? 'single' : kind < 0.95 ? 'album' : 'compilation'
    const usual = type === 'single' ? 1 + (hash(key, 2) % 3) : 7 + (hash(key, 2) % (TRACK_SLOTS - 7))
    const tracks = curiosity(artist)?.tracks.length ?? usual
    const year = 1998 + (hash(seed, ARTIST, artist, 2) % 14) + (index % ALBUM_SLOTS) * 2
    const day = new Date(Date.UTC(year, 0, 1 + (hash(key, 3) % 365))).toISOString().slice(0, 10)
    const curious = curiosity(artist)
    const name = oddity(artist)?.name ?? curious?.albums[index % ALBUM_SLOTS] ?? albumName(key)
    return { index, artist, type, name, released: day, tracks }
  }

  function album(index: number): Album {
    const known = albums.get(index)
    if (known) return known
    const made = makeAlbum(index)
    albums.set(index, made)
    return made
  }

  /** One track in six has a guest artist. */
  function artistsOf(index: number, owner: number): number[] {
    if (owner >= ARTISTS || chance(seed, TRACK, index, 3) > 0.17) return [owner]
    const guest = hash(seed, TRACK, index, 4) % ARTISTS
    return guest === owner ? [owner] : [owner, guest]
  }

  function track(index: number): Track {
    const parent = album(Math.floor(index / TRACK_SLOTS))
    const key = hash(seed, TRACK, index)
    const isrc = `QZ${pick(['TL', 'LK', 'WV', 'HB'], key)}${String(hash(key, 5) % 100_000_000).padStart(8, '0')}`
    const curious = curiosity(parent.artist)
    const curiousName = curious?.tracks[index % TRACK_SLOTS]
    return {
      index,
      album: parent,
      name: oddity(parent.artist)?.name ?? curiousName ?? trackName(key),
      artists: artistsOf(index, parent.artist),
      trackNumber: (index % TRACK_SLOTS) + 1,
      durationMs: 125_000 + (hash(key, 6) % 190_000),
      explicit: chance(key, 7) < 0.12,
      isrc,
    }
  }

  function albumsOf(artist: number): Album[] {
    const known = discographies.get(artist)
    if (known) return known
    const made = Array.from({ length: albumCount(artist) }, (_, n) => album(artist * ALBUM_SLOTS + n))
    discographies.set(artist, made)
    return made
  }

  function tracksOf(album: Album): number[] {
    return Array.from({ length: album.tracks }, (_, n) => album.index * TRACK_SLOTS + n)
  }

  function exists(kind: Kind, index: number): boolean {
    if (kind === 'artist') return index < CURIOUS_ARTISTS.first + CURIOUS_ARTISTS.count
    if (kind === 'album') {
      const artist = Math.floor(index / ALBUM_SLOTS)
      return exists('artist', artist) && index % ALBUM_SLOTS < albumCount(artist)
    }
    const parent = Math.floor(index / TRACK_SLOTS)
    return kind === 'track' && exists('album', parent) && index % TRACK_SLOTS < album(parent).tracks
  }

  return {
    seed,
    nameOf,
    album,
    track,
    albumsOf,
    tracksOf,
    id: (kind: Kind, index: number) => idOf(seed, kind, index),

    /** The index in an id, or undefined if this catalog has no such thing. */
    find(kind: 'artist' | 'album' | 'track', id: string): number | undefined {
      const index = indexOf(seed, kind, id)
      return index !== undefined && exists(kind, index) ? index : undefined
    },

    /** The first track of an artist. */
    firstTrack: (artist: number) => artist * ALBUM_SLOTS * TRACK_SLOTS,

    /** What is odd about things of this artist, if anything. */
    oddity,
    curiosity,

    /** The `n`-th track of an artist over all albums, modulo the number of tracks. */
    trackOf(artist: number, n: number): number {
      const all = albumsOf(artist)
      let rest = n % all.reduce((sum, one) => sum + one.tracks, 0)
      for (const one of all) {
        if (rest < one.tracks) return one.index * TRACK_SLOTS + rest
        rest -= one.tracks
      }
      return artist * ALBUM_SLOTS * TRACK_SLOTS
    },

    trackCount: (artist: number) => albumsOf(artist).reduce((sum, one) => sum + one.tracks, 0),
    artistOfTrack: (index: number) => Math.floor(index / (ALBUM_SLOTS * TRACK_SLOTS)),
  }
}
