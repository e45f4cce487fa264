import type { FeatureRow } from '../messages.ts'
import { numberOf, trackUriOf, wholeOf } from '../values.ts'
import { cellOf, columnsOf, hasAll } from './columns.ts'
import type { CsvKind, Read } from './kind.ts'

/** Audio features, which Spotify no longer gives to new apps, from a file by track. */

const NAMES = {
  uri: ['uri', 'track_uri', 'spotify_uri', 'spotify_track_uri', 'id', 'track_id', 'spotify_id', 'spotify_track_id'],
  danceability: ['danceability'],
  energy: ['energy'],
  key: ['key'],
  loudness: ['loudness'],
  mode: ['mode'],
  speechiness: ['speechiness'],
  acousticness: ['acousticness'],
  instrumentalness: ['instrumentalness'],
  liveness: ['liveness'],
  valence: ['valence'],
  tempo: ['tempo'],
  timeSignature: ['time_signature'],
} as const

type Columns = Partial<Record<keyof typeof NAMES, number>>

function read(cells: string[], columns: Columns): Read<FeatureRow> {
  const number = (name: keyof Columns) => numberOf(cellOf(cells, columns[name]))
  const whole = (name: keyof Columns) => wholeOf(cellOf(cells, columns[name]))
  const uri = trackUriOf(cellOf(cells, columns.uri))
  if (uri === null) return 'no track'
  return {
    uri,
    danceability: number('danceability'),
    energy: number('energy'),
    key: whole('key'),
    loudness: number('loudness'),
    mode: whole('mode'),
    speechiness: number('speechiness'),
    acousticness: number('acousticness'),
    instrumentalness: number('instrumentalness'),
    liveness: number('liveness'),
    valence: number('valence'),
    tempo: number('tempo'),
    timeSignature: whole('timeSignature'),
  }
}

export const features: CsvKind<FeatureRow> = ([header = []]) => {
  const columns = columnsOf(header, NAMES)
  if (!hasAll(columns, 'uri', 'danceability')) return null
  return {
    kind: 'audio-features',
    headerLines: 1,
    needsZone: false,
    chart: null,
    rows: () => ({
      read: (cells) => read(cells, columns),
      valuesOf: () => ({}),
      pageOf: (items) => ({ source: 'audio-features', items }),
    }),
  }
}
