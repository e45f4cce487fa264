/** One listener's music at an instant, independent of Spotify's JSON. Times are milliseconds since 1970. */

export type Range = 'short_term' | 'medium_term' | 'long_term'

export interface SavedItem {
  /** Index in the catalog. */
  ref: number
  addedAt: number
}

export interface Context {
  type: 'album' | 'artist' | 'playlist' | 'collection'
  /** A Spotify id; the listener's own id for their collection. */
  id: string
}

export interface Play {
  ref: number
  /** When the play ended. */
  playedAt: number
  msPlayed: number
  context: Context | null
}

/** One item of a playlist. */
export interface Entry {
  what: 'track' | 'grayed out' | 'gone' | 'local file' | 'episode'
  ref: number
  addedAt: number | null
  addedBy: string | null
}

export interface Playlist {
  id: string
  name: string
  description: string | null
  owner: { id: string; name: string | null }
  collaborative: boolean
  public: boolean | null
  images: 'own' | 'none' | 'null'
  /** Changes with every change of the entries. */
  snapshot: string
  total: number
  /** Only owners and collaborators can read the entries. */
  readable: boolean
}

export interface Music {
  /** Newest first. */
  savedTracks(at: number): SavedItem[]
  savedAlbums(at: number): SavedItem[]
  /** In no particular order. */
  followed(at: number): number[]
  topTracks(range: Range, at: number): number[]
  topArtists(range: Range, at: number): number[]
  /** The plays that ended after `since` and no later than `until`, newest first. */
  plays(since: number, until: number, limit: number): Play[]
  /** null is a followed playlist that Spotify owns. */
  playlists(at: number): (Playlist | null)[]
  entries(playlist: string, at: number): Entry[]
  /** By how many the reported total of saved tracks is too high. */
  phantoms: number
}
