import type { ExportKind, ImportRejection, MemberProblem } from './lists.ts'

/** What a listener reads about the files and rows of an import. */

export const exportKindTitles: Record<ExportKind, string> = {
  'spotify-extended': 'Spotify extended streaming history',
  'spotify-account': 'Spotify account data',
  'recently-played': 'Plays that another program recorded from Spotify',
  listenbrainz: 'ListenBrainz listens',
  lastfm: 'Last.fm scrobbles, or other plays in a CSV',
  charts: 'Spotify chart',
  'audio-features': 'Audio features',
}

/** What to upload, if nothing in an upload was recognized. */
export const WHAT_TO_UPLOAD =
  'Upload the zip that Spotify mailed you, or files from it called “Streaming_History_Audio…”, “endsong…” or “StreamingHistory…”. Exports of ListenBrainz (JSON), Last.fm (CSV) and programs that recorded your recently played songs (CSV or JSON) work too.'

/** Why a file was not imported, and what to do about it if it should have been. */
export const memberProblems: Record<MemberProblem, string> = {
  'not-a-zip': 'This isn’t a zip file, although its name says so. Download it again.',
  'truncated-zip': 'The end of this zip is missing. Download it again, then upload it whole.',
  'damaged-zip': 'The list of files in this zip is damaged. Download it again.',
  'other-archive': 'Only zip archives can be read. Unpack it, and upload the files.',
  'empty-zip': 'This zip is empty.',
  'too-many-members': 'This zip holds more than 20,000 files. Upload only the files with your history.',
  'never-opened': 'Not opened: files like this aren’t about what you played.',
  unrecognized: 'Not a listening history.',
  empty: 'This file is empty.',
  'unsafe-name': 'Its name leads out of the zip, so it wasn’t read. Exports don’t contain such files.',
  encrypted: 'It’s protected by a password. Unpack the zip, and upload the files.',
  'nested-zip': 'It’s an archive inside a zip. Unpack the outer one, and upload this one.',
  'unknown-compression': 'It’s compressed in a way that Tracklake can’t read. Unpack the zip, and upload the files.',
  'too-large': 'It’s larger than 64 MB. Files of exports are smaller; split it, or request the export again.',
  'too-much': 'The files of this upload before it hold 2 GB already. Upload it separately.',
  'too-many-files': 'The upload holds 200 files with history before it already. Upload it separately.',
  damaged: 'Its content is damaged. Download the export again.',
  'cut-off': 'It ends in the middle, so nothing of it was imported. Download the export again.',
  'unknown-encoding': 'It isn’t text in UTF-8. Save it as UTF-8, or upload the original.',
}

/** Why a row was not imported. */
export const rejectionTitles: Record<ImportRejection, string> = {
  'not a record': 'Not a readable row',
  'no time': 'No time',
  'time not readable': 'The time can’t be read',
  'before 2006': 'Before 2006, when Spotify didn’t exist',
  'in the future': 'In the future',
  'no length': 'No time played',
  'negative length': 'Negative time played',
  'longer than a day': 'Played for more than 24 hours',
  'no name': 'Neither a name nor a Spotify address: Spotify withdrew it',
  'no rank': 'No rank',
  'no track': 'No song',
}
