/** The Spotify scopes Tracklake may ask for, with what each one reads. */
export const SCOPES = {
  'user-read-private': 'your name and picture',
  'user-top-read': 'your top songs and artists',
  'user-read-recently-played': 'your recently played songs',
  'user-library-read': 'your liked songs and saved albums',
  'user-follow-read': 'the artists you follow',
  'playlist-read-private': 'your private playlists',
  'playlist-read-collaborative': 'your collaborative playlists',
} as const

export type Scope = keyof typeof SCOPES

/** Needed at sign-in, whatever is extracted. */
export const PROFILE_SCOPE = 'user-read-private' satisfies Scope
