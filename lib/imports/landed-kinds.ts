import type { ExportKind } from '#lib/api/lists.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'
import type { LandedKind } from '#lib/streams/stream.ts'

/** What the files of each kind land as; null: they are recognized, but nothing is imported from them. */
export const LANDED_KINDS: Record<ExportKind, LandedKind | null> = {
  'spotify-extended': importedPlays,
  'spotify-account': importedPlays,
  listenbrainz: importedPlays,
  lastfm: importedPlays,
  charts: null,
  'audio-features': null,
}
