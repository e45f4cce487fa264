import type { ExportKind, ImportRejection, MemberProblem } from './lists.ts'

/** Labels for the files and rows of an import. */

export const exportKindTitles: Record<ExportKind, string> = {
  'spotify-extended': 'Spotify extended streaming history',
  'spotify-account': 'Spotify account data',
  'recently-played': 'Spotify plays recorded by another program',
  listenbrainz: 'ListenBrainz listens',
  lastfm: 'Last.fm scrobbles or other plays as CSV',
  charts: 'Spotify chart',
  'audio-features': 'Audio features',
}

/** What to upload, if nothing in an upload was recognized. */
export const WHAT_TO_UPLOAD =
  'Upload the zip from Spotify, or files from it called “Streaming_History_Audio…”, “endsong…” or “StreamingHistory…”. Exports from ListenBrainz (JSON), Last.fm (CSV), and programs that recorded your recently played songs (CSV or JSON) work, too.'

/** Why a file was not imported, and what to do about it if it should have been. */
export const memberProblems: Record<MemberProblem, string> = {
  'not-a-zip': 'This isn’t a zip file, although its name says so. Download it again.',
  'truncated-zip': 'The end of this zip is missing. Download it again, then upload it whole.',
  'damaged-zip': 'The list of files in this zip is damaged. Download it again.',
  'other-archive': 'Tracklake only reads zip archives. Unpack it and upload the files.',
  'empty-zip': 'This zip is empty.',
  'too-many-members': 'This zip has more than 20,000 files. Upload only the files with your history.',
  'never-opened': 'Not opened: files like this aren’t about what you played.',
  unrecognized: 'Not a listening history.',
  empty: 'This file is empty.',
  'unsafe-name': 'Its name points outside the zip, so it wasn’t read. Real exports don’t contain such files.',
  encrypted: 'It’s password-protected. Unpack the zip and upload the files.',
  'nested-zip': 'It’s an archive inside a zip. Unpack the outer one and upload this one.',
  'unknown-compression': 'Tracklake can’t read its compression method. Unpack the zip and upload the files.',
  'too-large': 'It’s larger than 64 MB. Export files are smaller; split it or request the export again.',
  'too-much': 'The files before it already take up 2 GB. Upload it separately.',
  'too-many-files': 'There are already 200 history files before it. Upload it separately.',
  'too-many-rows': 'It has more than 5 million rows, so none of it was imported. Split it into smaller files.',
  damaged: 'It’s damaged. Download the export again.',
  'cut-off': 'It’s cut off, so none of it was imported. Download the export again.',
  'unknown-encoding': 'It isn’t UTF-8 text. Save it as UTF-8 or upload the original.',
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
  'no name': 'No name or Spotify link: Spotify removed the song',
  'no rank': 'No rank',
  'no track': 'No song',
}
