/** What one listener has at an instant, before it is put into Spotify's words. Times are milliseconds since 1970. */

export type Range = 'short_term' | 'medium_term' | 'long_term'

/** A track or album (by its number in the catalogue) that was put somewhere. */
export interface SavedItem {
  ref: number
  addedAt: number
}

export interface Context {
  type: 'album' | 'artist' | 'playlist' | 'collection'
  /** Spotify id of what was played from; the listener's own id for their collection. */
  id: string
}

export interface Play {
  ref: number
  /** When the play ended. */
  playedAt: number
  context: Context | null
}

/** One place of a playlist. What stands there may be gone, a file of the listener's own, or spoken word. */
export interface Entry {
  what: 'track' | 'greyed out' | 'gone' | 'local file' | 'episode'
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
  pictures: 'own' | 'none' | 'null'
  /** Changes with every change of the entries. */
  snapshot: string
  total: number
  /** Only owners and collaborators may read the entries. */
  readable: boolean
}

export interface Music {
  /** Newest first. */
  savedTracks(at: number): SavedItem[]
  savedAlbums(at: number): SavedItem[]
  /** In no order that would mean anything. */
  followed(at: number): number[]
  topTracks(range: Range, at: number): number[]
  topArtists(range: Range, at: number): number[]
  /** The plays that ended after `since` and not after `until`, newest first, at most `limit`. */
  plays(since: number, until: number, limit: number): Play[]
  /** null stands for a followed playlist that Spotify owns. */
  playlists(at: number): (Playlist | null)[]
  entries(playlist: string, at: number): Entry[]
  /** By how much the list of saved tracks claims to be longer than it is. */
  phantoms: number
}
