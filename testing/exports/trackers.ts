import { SECOND } from '#lib/core/clock.ts'
import { csvLine } from '#lib/core/csv.ts'
import { PLANTED } from './planted.ts'
import { type MadePlay, songOf } from './spotify.ts'

/** Exports of other trackers, and the CSV files of charts and audio features, made up. */

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** "23 Feb 2016 17:59" */
function minuteOf(at: number): string {
  const date = new Date(at)
  const month = MONTHS[date.getUTCMonth()]
  return `${date.getUTCDate()} ${month} ${date.getUTCFullYear()} ${date.toISOString().slice(11, 16)}`
}

const startOf = ({ at, msPlayed }: MadePlay) => at - msPlayed

/** As lastfm-to-csv writes it: no header, minutes without a zone. */
export function lastfmCsv(plays: Iterable<MadePlay>): string {
  return Array.from(plays, (play) => {
    const { artist, album, track } = songOf(play.song)
    return csvLine([artist, album, track, minuteOf(startOf(play))])
  }).join('')
}

/** A CSV with names of columns and times in UTC, newest first. */
export function lastfmCsvWithHeader(plays: Iterable<MadePlay>): string {
  const lines = Array.from(plays, (play) => {
    const { artist, album, track } = songOf(play.song)
    const at = startOf(play)
    return csvLine([Math.floor(at / SECOND), minuteOf(at), artist, '', album, '', track, ''])
  })
  return (
    csvLine(['uts', 'utc_time', 'artist', 'artist_mbid', 'album', 'album_mbid', 'track', 'track_mbid']) + lines.join('')
  )
}

export interface Listen {
  listened_at: number
  user_name: string
  track_metadata: {
    track_name: string
    artist_name: string
    release_name: string
    additional_info: Record<string, unknown>
  }
}

/** A listen of ListenBrainz. Its time is the start of the play. */
export function listenOf(play: MadePlay): Listen {
  const { artist, album, track, durationMs } = songOf(play.song)
  return {
    listened_at: Math.floor(startOf(play) / SECOND),
    user_name: PLANTED.userName,
    track_metadata: {
      track_name: track,
      artist_name: artist,
      release_name: album,
      additional_info: {
        duration_ms: durationMs,
        media_player: PLANTED.platform,
        submission_client: PLANTED.userAgent,
      },
    },
  }
}

/** A file of Spotify's charts. */
export function chartCsv(rows: number, per: 'weeks' | 'days' = 'weeks'): string {
  const header = `rank,uri,artist_names,track_name,source,peak_rank,previous_rank,${per}_on_chart,streams\n`
  const lines = Array.from({ length: rows }, (_, index) => {
    const rank = index + 1
    const { uri, artist, track } = songOf(rank)
    const previous = rank % 10 === 0 ? -1 : rank + 1
    return `${rank},"${uri}","${artist}, Guest","${track}","Made Records",${rank},${previous},${rank % 52},"${1_000_000 - rank}"\n`
  })
  return `\uFEFF${header}${lines.join('')}`
}

/** A file of audio features by id. */
export function featuresCsv(rows: number): string {
  const header = ['id', 'danceability', 'energy', 'key', 'loudness', 'mode', 'tempo', 'valence', 'time_signature']
  const lines = Array.from({ length: rows }, (_, song) => {
    const id = songOf(song).uri.replace('spotify:track:', '')
    return csvLine([id, 0.25, 0.5, song % 12, -7.5, 1, 120.5, 0.75, 4])
  })
  return csvLine(header) + lines.join('')
}

/** A table of recently played songs, as `\copy … csv header` of psql writes it. The time is the end of the play. */
export function recentlyPlayedCsv(plays: Iterable<MadePlay>): string {
  const lines = Array.from(plays, (play) => {
    const { artist, album, track, uri } = songOf(play.song)
    return csvLine([new Date(play.at).toISOString().replace('T', ' ').replace('Z', '+00'), track, artist, album, uri])
  })
  return csvLine(['played_at', 'song', 'artist', 'album', 'track_uri']) + lines.join('')
}

/** A document of the collection "infos" of your_spotify, as mongoexport writes it. */
export function yourSpotifyInfos(play: MadePlay) {
  const { uri, durationMs } = songOf(play.song)
  return {
    _id: { $oid: '5f4e3d2c1b0a998877665544' },
    owner: { $oid: PLANTED.userName },
    id: uri.replace('spotify:track:', ''),
    albumId: 'MadeAlbum0000000000007',
    primaryArtistId: 'MadeArtist000000000007',
    artistIds: ['MadeArtist000000000007'],
    durationMs,
    played_at: { $date: new Date(play.at).toISOString() },
    __v: 0,
  }
}
