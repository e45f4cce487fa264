import type { LoadMode, Table } from '#lib/core/table.ts'
import { streams } from './index.ts'
import { MUSIC_TABLES } from './music.ts'
import { type Stream, type StreamHistory, tablesOf } from './stream.ts'

/** What tables hold, for people: on pages, in the API and in downloads. */

const OF_LOAD_MODES: Record<LoadMode, string> = {
  overwrite: 'As Spotify listed them at the last sync.',
  append: 'What each sync found. Rows are only added.',
  merge: 'Everything that Spotify has listed since the first sync. Nothing is removed.',
  fill: 'The newest value of each column that Spotify sent.',
  'fill gaps': 'The newest value of each column that Spotify sent.',
  'replace part': 'As Spotify listed each of them when it was last synced.',
}

const OF_HISTORIES: Record<StreamHistory['kind'], string> = {
  daily: 'The whole list as it was at the last sync of each day.',
  changes: 'What was added and removed, and when a sync noticed it.',
}

export interface DescribedTable extends Table {
  title: string
  description: string
  /** The stream whose loads fill it; null if several do. */
  stream: string | null
  /** Keeps what the stream's main table overwrites. */
  isHistory: boolean
}

const OF_MUSIC: Record<string, Pick<DescribedTable, 'title' | 'description'>> = {
  tracks: { title: 'Songs', description: 'What is known about each song that any list or play has shown.' },
  albums: { title: 'Albums', description: 'What is known about each album that any list or play has shown.' },
  artists: { title: 'Artists', description: 'What is known about each artist that any list or play has shown.' },
}

/** Tables that only the models and later imports fill. */
const OF_DECISIONS: Record<string, Pick<DescribedTable, 'title' | 'description'>> = {
  settings: { title: 'Settings', description: 'The settings that decide how plays are counted and dated.' },
  excluded_plays: { title: 'Excluded plays', description: 'Plays that you left out of your counts.' },
  recording_choices: {
    title: 'Same recordings',
    description: 'Songs that you said are, or are not, the same recording.',
  },
  genre_map: { title: 'Genres', description: 'Genres of artists from MusicBrainz, and your own.' },
  imported_plays: { title: 'Imported plays', description: 'Plays from your export files.' },
  chart_entries: { title: 'Charts', description: 'Charts that you downloaded from Spotify.' },
  audio_features: { title: 'Audio features', description: 'How songs sound, from files you imported.' },
  play_pairs: { title: 'Paired plays', description: 'Which imported play is the same as one that Spotify reported.' },
  import_duplicates: {
    title: 'Repeated imports',
    description: 'Imported plays already covered by another import or by a play that Spotify reported.',
  },
  resolved_ids: { title: 'Resolved ids', description: 'Which Spotify id an id made of names stands for.' },
  imported_tracks: { title: 'Imported songs', description: 'How your export files name songs.' },
  imported_albums: { title: 'Imported albums', description: 'How your export files name albums.' },
  imported_artists: { title: 'Imported artists', description: 'How your export files name artists.' },
}

/** Title and description of a table of schema raw that no stream fills; undefined for others. */
export function describeRaw(name: string): Pick<DescribedTable, 'title' | 'description'> | undefined {
  return OF_DECISIONS[name]
}

/** The tables of a stream with their descriptions, the main one first. */
function describedTablesOf(stream: Stream): DescribedTable[] {
  const { name, title, load, history } = stream
  return tablesOf(stream).map((table) =>
    table.name === history?.table
      ? { ...table, stream: name, isHistory: true, title: `${title}, history`, description: OF_HISTORIES[history.kind] }
      : { ...table, stream: name, isHistory: false, title, description: OF_LOAD_MODES[load] },
  )
}

/** Every table that loads fill, in the order of a first run. */
export const describedTables: DescribedTable[] = [
  ...streams.flatMap(describedTablesOf),
  ...MUSIC_TABLES.map((table) => ({
    ...table,
    stream: null,
    isHistory: false,
    title: table.name,
    description: '',
    ...OF_MUSIC[table.name],
  })),
]

const NOT_FOR_NEW_APPS = 'Spotify no longer sends it to new apps'

/** Columns mean the same in every table that has them. */
export const columnDescriptions: Record<string, string> = {
  rank: 'Place in Spotify’s list, starting with 1',
  position: 'Place in the playlist, starting with 1',
  day: 'The day in UTC',
  synced_at: 'Start of the sync that read the row',
  withheld_at: 'Since when Spotify lists the item without its content; empty if it sends it',
  added_at: 'When it was added',
  added_by_id: 'Spotify’s id of the user who added it',
  played_at: 'When it was played, as Spotify reports it',
  change: 'added or removed',
  copies: 'How many entries were added or removed at once; a playlist can contain a song more than once',
  first_seen_at: 'Start of the sync that first showed it',
  seen_at: 'When a sync noticed the change',
  id: 'Spotify’s id',
  uri: 'Spotify’s URI',
  name: 'Name',
  folded: 'Name in lower case without accents, for searching',
  type: 'What Spotify calls the item',
  item_type: 'track or episode',
  description: 'Text by the playlist’s owner',
  href: 'Its address in Spotify’s API',
  track_href: `The song’s address in Spotify’s API. ${NOT_FOR_NEW_APPS}`,
  spotify_url: 'Its page on Spotify',
  preview_url: `A 30 second preview. ${NOT_FOR_NEW_APPS}`,
  analysis_url: `Address of the audio analysis. ${NOT_FOR_NEW_APPS}`,
  disc_number: 'Disc of the album',
  track_number: 'Place on the disc',
  total_tracks: 'How many songs the album has',
  duration_ms: 'Length in milliseconds',
  explicit: 'Whether the lyrics are marked as explicit',
  is_local: 'Whether it is a file of the listener’s own',
  is_playable: 'Whether it can be played in the listener’s country',
  popularity: `0 to 100, by recent plays of all listeners. ${NOT_FOR_NEW_APPS}`,
  followers: `How many follow the artist. ${NOT_FOR_NEW_APPS}`,
  genres: `Genres that Spotify names. ${NOT_FOR_NEW_APPS}`,
  label: `Record label. ${NOT_FOR_NEW_APPS}`,
  copyrights: 'Copyright notices of the album',
  upc: 'Barcode number of the album',
  isrc: 'International code of the recording',
  restrictions: 'Why it can’t be played, if so',
  external_ids: 'Codes outside of Spotify',
  external_urls: 'Pages on Spotify',
  track_id: 'Spotify’s id of the song',
  artist_id: 'Spotify’s id of the first-named artist',
  artist_ids: 'Spotify’s ids of all artists',
  artist_names: 'Names of all artists',
  artists: 'All artists, as Spotify sends them',
  album: 'The album, as Spotify sends it',
  album_id: 'Spotify’s id of the album',
  album_name: 'Name of the album',
  album_type: 'album, single or compilation',
  album_release_date: 'When the album came out: a day, a month or a year',
  album_image_url: 'Cover, large',
  album_image_small_url: 'Cover, small',
  release_date: 'When it came out: a day, a month or a year',
  release_date_precision: 'day, month or year',
  images: 'Pictures in all sizes',
  image_url: 'Picture, large',
  image_small_url: 'Picture, small',
  show_name: 'The show, for podcast episodes',
  item: 'The item, as Spotify sends it',
  context_type: 'Where it was played from: playlist, album, artist …',
  context_uri: 'Spotify’s URI of where it was played from',
  playlist_id: 'Spotify’s id of the playlist',
  owner: 'The owner, as Spotify sends it',
  owner_id: 'Spotify’s id of the owner',
  owner_name: 'Name of the owner',
  collaborative: 'Whether others may change it',
  is_public: 'Whether it is shown on the owner’s profile',
  snapshot_id: 'Changes with the playlist’s content',
  items_total: 'How many items the playlist has',
  acousticness: `0 to 1. ${NOT_FOR_NEW_APPS}`,
  danceability: `0 to 1. ${NOT_FOR_NEW_APPS}`,
  energy: `0 to 1. ${NOT_FOR_NEW_APPS}`,
  instrumentalness: `0 to 1. ${NOT_FOR_NEW_APPS}`,
  liveness: `0 to 1. ${NOT_FOR_NEW_APPS}`,
  loudness: `Decibels. ${NOT_FOR_NEW_APPS}`,
  speechiness: `0 to 1. ${NOT_FOR_NEW_APPS}`,
  valence: `0 to 1. ${NOT_FOR_NEW_APPS}`,
  tempo: `Beats per minute. ${NOT_FOR_NEW_APPS}`,
  key: `Pitch class, 0 is C. ${NOT_FOR_NEW_APPS}`,
  mode: `1 is major, 0 minor. ${NOT_FOR_NEW_APPS}`,
  time_signature: `Beats per bar. ${NOT_FOR_NEW_APPS}`,
}

/** Columns of the tables that no stream fills. */
export const otherColumnDescriptions: Record<string, string> = {
  excluded: 'Whether it is left out; an exclusion that was undone stays with false',
  changed_at: 'When you decided it',
  recording_id: 'The song that it counts as',
  zone: 'Time zone of the days',
  week_start: 'First day of the week: 1 = Monday … 7 = Sunday',
  counting_rule: 'What counts as a play',
  counts_private: 'Whether plays in private sessions count',
  counts_skips: 'Whether skipped plays count',
  counts_other_sources: 'Whether plays that other services recorded count',
  kind: 'song, podcast, audiobook or video',
  source: 'The kind of export',
  skipped: 'Whether it was skipped',
  private: 'Whether it was played in a private session',
  offline: 'Whether it was played offline',
  reason_start: 'Why it started, as Spotify says',
  reason_end: 'Why it ended, as Spotify says',
  ms_played: 'How long it played, in milliseconds',
  import_id: 'The import that brought it',
  import_member: 'Which file of the import it is from',
  chart: 'The chart, as in the names of Spotify’s files',
  streams: 'How often it was streamed, as the chart counts',
  peak_rank: 'Its best rank so far',
  previous_rank: 'Its previous rank; empty if it is new',
  weeks_on_chart: 'Weeks on the chart so far',
  days_on_chart: 'Days on the chart so far',
  imported_at: 'When it was imported',
  import_played_at: 'The end of the imported play',
  import_uri: 'The URI of the imported play',
  import_ms_played: 'How long the imported play lasted, in milliseconds',
  distance_ms: 'How far apart the two times are, in milliseconds',
  rule: 'Version of the rule that paired them',
  paired_at: 'When they were paired',
  kept_played_at: 'The end of the play that stands for it',
  kept_uri: 'The URI of the play that stands for it',
  kept_ms_played: 'How long that play lasted, in milliseconds; empty for one that Spotify reported',
  resolved_id: 'Spotify’s id',
  resolved_at: 'When it was found',
  artist_name: 'The artist’s name',
  artist_folded: 'The artist’s name in lower case without accents',
}
