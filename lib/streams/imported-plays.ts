import { z } from 'zod'
import { idFromNames } from '#lib/core/fold.ts'
import { boolean, type ColumnSet, integer, rowOf, text, timestamp, typesOf } from './columns.ts'
import { namedRows } from './imported-music.ts'
import { albumIdOf, leadArtistIdOf, trackIdOf } from './music.ts'
import { UNREADABLE } from './rejections.ts'
import { EMPTY_PAGE, type LandedKind } from './stream.ts'

/**
 * Plays from a file that a listener exported elsewhere. They land like responses of Spotify, in pages that hold only what
 * is stored, but belong to no schedule, scope or endpoint.
 */

const Text = z.string().nullable().catch(null)
const Flag = z.boolean().nullable().catch(null)

/** One play of an export. Parsing removes every other field. */
const ImportedPlay = z.object({
  /** The end of the play. */
  playedAt: z.iso.datetime({ offset: true }),
  /** Spotify's own time, if that is not the end: after a crash it is when the app was next started. */
  loggedAt: z.iso.datetime({ offset: true }).nullish().catch(null),
  /** Null where the export only has names. */
  uri: z.string().min(1).max(4_000).nullable().catch(null),
  /** Null where the export has no time, as those of other trackers. */
  msPlayed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .nullable(),
  track: Text,
  artist: Text,
  album: Text,
  kind: z.enum(['song', 'podcast', 'audiobook', 'video']),
  skipped: Flag,
  private: Flag,
  offline: Flag,
  /** Spotify's words, for example "trackdone" and "fwdbtn". */
  reasonStart: Text,
  reasonEnd: Text,
})
export type ImportedPlay = z.infer<typeof ImportedPlay>

/** Plays per page. */
const MAX_IMPORTED_PLAYS = 5_000

const facts = {
  source: z.enum(['spotify-extended', 'spotify-account', 'recently-played', 'listenbrainz', 'lastfm']),
  importId: z.string(),
  /** The position of the file, or of the zip's member, that they are from. */
  member: z.int().min(0).default(0),
}

/** A page as it lands. */
export const ImportedPage = z.object({ ...facts, items: z.array(ImportedPlay).max(MAX_IMPORTED_PLAYS) })
export type ImportedPage = z.infer<typeof ImportedPage>
/** A page to land. */
export type NewImportedPage = Omit<z.input<typeof ImportedPage>, 'importId'>
export type PlaySource = ImportedPage['source']

/** A landed page, one of whose items may be unreadable. */
const LandedPage = z.object({ ...facts, items: z.array(z.unknown()) })

interface Item {
  play: ImportedPlay
  page: Pick<ImportedPage, 'source' | 'importId' | 'member'>
  ids: Ids
  /** No earlier item of the page is of the same song. */
  isFirst: boolean
}

interface Ids {
  uri: string | null
  track: string | null
  artist: string | null
  album: string | null
}

const TRACK_URI = /^spotify:track:([A-Za-z0-9]{1,64})$/

/** What the play says about its song. */
function songOf({ uri, track, artist, album }: ImportedPlay) {
  const artists = artist ? [{ name: artist }] : []
  return {
    id: TRACK_URI.exec(uri ?? '')?.[1] ?? null,
    uri,
    name: track,
    artists,
    album: album ? { name: album, artists } : null,
  }
}

/** Ids are made of names where the export has no Spotify ids: it never has those of artists and albums. */
function idsOf(play: ImportedPlay): Ids {
  if (play.kind === 'podcast' || play.kind === 'audiobook') {
    const uri = play.uri ?? (play.track ? idFromNames(play.track, play.artist) : null)
    return { uri, track: null, artist: null, album: null }
  }
  const song = songOf(play)
  const track = trackIdOf(song)
  return { uri: play.uri ?? track, track, artist: leadArtistIdOf(song), album: albumIdOf(song.album) }
}

const columns: ColumnSet<Item> = {
  played_at: timestamp(({ play }) => play.playedAt),
  uri: text(({ ids }) => ids.uri),
  // Part of the key, so it is never null. Models know the sources that have no time.
  ms_played: integer(({ play }) => play.msPlayed ?? 0),
  track_id: text(({ ids }) => ids.track),
  artist_id: text(({ ids }) => ids.artist),
  album_id: text(({ ids }) => ids.album),
  kind: text(({ play }) => play.kind),
  source: text(({ page }) => page.source),
  skipped: boolean(({ play }) => play.skipped),
  private: boolean(({ play }) => play.private),
  offline: boolean(({ play }) => play.offline),
  reason_start: text(({ play }) => play.reasonStart),
  reason_end: text(({ play }) => play.reasonEnd),
  import_id: text(({ page }) => page.importId),
  import_member: integer(({ page }) => page.member),
  imported_at: timestamp((_item, { syncedAt }) => syncedAt),
}

/** The plays of a landed page and their source, without items that are unreadable. */
export function playsOfPage(body: unknown): { source: ImportedPage['source']; plays: ImportedPlay[] } {
  const { source, items } = LandedPage.parse(body)
  return { source, plays: items.flatMap((item) => ImportedPlay.safeParse(item).data ?? []) }
}

function parse(body: unknown): (Item | null)[] {
  const { items, ...page } = LandedPage.parse(body)
  // A page repeats its songs many times, and ids of names are hashes.
  const known = new Map<string, Ids>()
  return items.map((item) => {
    const play = ImportedPlay.safeParse(item).data
    if (!play) return null
    const name = JSON.stringify([play.uri, play.track, play.artist, play.album, play.kind])
    const ids = known.get(name) ?? idsOf(play)
    const isFirst = !known.has(name)
    known.set(name, ids)
    return { play, page, ids, isFirst }
  })
}

const kind: LandedKind<Item> = {
  name: 'imported_plays',
  title: 'Imported plays',
  columns: typesOf(columns),
  key: ['played_at', 'uri', 'ms_played'],
  // A row that an earlier import brought stays with that one, so that undoing this one doesn't take it away.
  load: 'append',
  importedMusic({ play: { uri, track, artist, album }, page: { importId }, ids, isFirst }, seenAt) {
    if (!isFirst || ids.track === null) return []
    return namedRows({ importId, uri, track, artist, album, ids: { ...ids, track: ids.track } }, seenAt)
  },
  page: (body) => ({ ...EMPTY_PAGE, items: parse(body) }),
  row(item, place) {
    if (item === null) return { rejected: UNREADABLE }
    return item.ids.uri === null ? { rejected: 'neither URI nor name' } : rowOf(columns, item, place)
  },
  hidden: () => null,
}

export const importedPlays: LandedKind = kind
