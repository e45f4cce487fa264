import type { Track } from '#lib/spotify/objects.ts'
import { creditColumns } from './artist-columns.ts'
import { boolean, type ColumnSet, double, identifier, integer, json, text } from './columns.ts'
import { pictureColumns } from './pictures.ts'

/** The album of a track, without JSON. */
export const albumOfTrackColumns: ColumnSet<Track> = {
  album_id: identifier(({ album }) => album?.id),
  album_name: text(({ album }) => album?.name),
  album_type: text(({ album }) => album?.album_type),
  // As Spotify sends it: a day, a month or a year.
  album_release_date: text(({ album }) => album?.release_date),
  ...pictureColumns('album_', ({ album }) => album?.images),
}

/** A track with tap-spotify's column names, plus flat columns. */
export const trackColumns: ColumnSet<Track> = {
  id: identifier((track) => track.id),
  name: text((track) => track.name),
  type: text((track) => track.type),
  uri: text((track) => track.uri),
  href: text((track) => track.href),
  disc_number: integer((track) => track.disc_number),
  track_number: integer((track) => track.track_number),
  duration_ms: integer((track) => track.duration_ms),
  explicit: boolean((track) => track.explicit),
  is_local: boolean((track) => track.is_local),
  is_playable: boolean((track) => track.is_playable),
  popularity: integer((track) => track.popularity),
  preview_url: text((track) => track.preview_url),
  album: json((track) => track.album),
  artists: json((track) => track.artists),
  external_ids: json((track) => track.external_ids),
  external_urls: json((track) => track.external_urls),
  restrictions: json((track) => track.restrictions),
  ...creditColumns,
  ...albumOfTrackColumns,
  isrc: text((track) => track.external_ids?.isrc),
  spotify_url: text((track) => track.external_urls?.spotify),
}

/** Columns that tap-spotify adds to tracks from an endpoint that Spotify closed in November 2024. */
export const audioFeatureColumns: ColumnSet<Track> = {
  acousticness: double((track) => track.acousticness),
  danceability: double((track) => track.danceability),
  energy: double((track) => track.energy),
  instrumentalness: double((track) => track.instrumentalness),
  liveness: double((track) => track.liveness),
  loudness: double((track) => track.loudness),
  speechiness: double((track) => track.speechiness),
  tempo: double((track) => track.tempo),
  valence: double((track) => track.valence),
  key: integer((track) => track.key),
  mode: integer((track) => track.mode),
  time_signature: integer((track) => track.time_signature),
  analysis_url: text((track) => track.analysis_url),
  track_href: text((track) => track.track_href),
}
