import { Stop } from '#lib/core/errors.ts'
import type { Table } from '#lib/core/table.ts'
import { chartPlaylists } from './chart-playlists.ts'
import { EXCLUDED_PLAYS, GENRE_MAP, RECORDING_CHOICES } from './decisions.ts'
import { followedArtists } from './followed-artists.ts'
import { IMPORTED_KINDS } from './imported-kinds.ts'
import { IMPORTED_MUSIC } from './imported-music.ts'
import { MUSIC_TABLES } from './music.ts'
import { PAIRING_TABLES } from './pairing.ts'
import { playlistItems } from './playlist-items.ts'
import { playlists } from './playlists.ts'
import { recentlyPlayed } from './recently-played.ts'
import { savedAlbums } from './saved-albums.ts'
import { savedTracks } from './saved-tracks.ts'
import { PROFILE_SCOPE, SCOPES, type Scope } from './scopes.ts'
import { type LandedKind, type Stream, tablesOf } from './stream.ts'
import { topArtists } from './top-artists.ts'
import { topTracks } from './top-tracks.ts'

/** All streams in the order of a first run, starting with those that fill the first page. */
export const streams: Stream[] = [
  topTracks('short'),
  topArtists('short'),
  topTracks('medium'),
  topArtists('medium'),
  topTracks('long'),
  topArtists('long'),
  recentlyPlayed,
  playlists,
  playlistItems,
  savedTracks,
  savedAlbums,
  followedArtists,
  ...chartPlaylists,
]

/** What the consent page asks for: the streams' scopes, and the profile. Not email, which would only put people off. */
export const requestedScopes = (Object.keys(SCOPES) as Scope[]).filter(
  (scope) => scope === PROFILE_SCOPE || streams.some(({ scopes }) => scopes.includes(scope)),
)

/** Everything that lands and is loaded: the streams, and what listeners import. */
export const landedKinds: LandedKind[] = [...streams, ...IMPORTED_KINDS]

/** Tables that are copied to a connected warehouse and compared with it together. */
export interface TableGroup {
  name: string
  title: string
  /** The main one first. */
  tables: Table[]
  /** What they are loaded from; null for tables that all loads fill. */
  kind: LandedKind | null
  /** Whether a new warehouse gets them from the embedded copy first. The others are brought up to date by each load. */
  isCopied: boolean
}

/** The names of groups that no stream fills. */
export const MUSIC = 'music'
export const EXCLUSIONS = 'exclusions'
export const RECORDINGS = 'recordings'
export const GENRES = 'genres'
export const PAIRING = 'pairing'

/** All tables of a warehouse. */
export const tableGroups: TableGroup[] = [
  ...landedKinds.map((kind) => ({ name: kind.name, title: kind.title, tables: tablesOf(kind), kind, isCopied: true })),
  { name: MUSIC, title: 'Songs, albums and artists', tables: MUSIC_TABLES, kind: null, isCopied: true },
  {
    name: PAIRING,
    title: 'Matched plays and imported names',
    tables: [...PAIRING_TABLES, ...IMPORTED_MUSIC],
    kind: null,
    isCopied: false,
  },
  { name: EXCLUSIONS, title: 'Excluded plays', tables: [EXCLUDED_PLAYS], kind: null, isCopied: false },
  { name: RECORDINGS, title: 'Same recordings', tables: [RECORDING_CHOICES], kind: null, isCopied: false },
  { name: GENRES, title: 'Genres', tables: [GENRE_MAP], kind: null, isCopied: false },
]

/** The name under which a load reports about models, among its streams. */
export const MODELS = 'models'

const groupsByName = new Map(tableGroups.map((group) => [group.name, group]))

/** @throws Stop for an unknown name */
export function tableGroupNamed(name: string): TableGroup {
  const group = groupsByName.get(name)
  if (group) return group
  throw unknownStream(name)
}

const byName = new Map(streams.map((stream) => [stream.name, stream]))
const landedByName = new Map(landedKinds.map((kind) => [kind.name, kind]))

/** @throws Stop for an unknown name */
export function streamNamed(name: string): Stream {
  return known(byName.get(name), name)
}

/** @throws Stop for an unknown name */
export function landedKindNamed(name: string): LandedKind {
  return known(landedByName.get(name), name)
}

function known<Kind extends LandedKind>(kind: Kind | undefined, name: string): Kind {
  if (kind) return kind
  throw unknownStream(name)
}

function unknownStream(name: string): Stop {
  return new Stop(`There is no stream "${name}"`, {
    remedy: 'This is a bug in Tracklake, or the run comes from a newer version.',
  })
}

/** The title of a stream for pages; its name if this version doesn't know it. */
export function titleOf(name: string): string {
  return name === MODELS ? 'Models' : (groupsByName.get(name)?.title ?? name)
}
