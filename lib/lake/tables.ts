import type { Columns } from '#lib/core/table.ts'
import { SOURCES } from '#lib/models/sources.ts'
import { describedTables } from '#lib/streams/descriptions.ts'
import type { MUSIC_TABLES } from '#lib/streams/music.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { streamTable } from '#lib/streams/stream.ts'
import type { ExportJob, Extract } from '#lib/warehouse/duckdb/export.ts'

/** Which tables are published, and the files that combine several. */

/** Staging views repeat other tables, and `int_` tables only serve the builds. */
const TABLES: ExportJob['tables'] = { raw: '.', analytical: '^(fct|dim|agg)_', reporting: '.' }

const KEYS: ExportJob['keys'] = Object.fromEntries(
  [...describedTables, ...SOURCES].map(({ schema, name, key }) => [`${schema}.${name}`, key]),
)

const rawTable = (name: (typeof MUSIC_TABLES)[number]['name']) => `raw.${name}`
const LIKED = streamTable(savedTracks)
const LIKED_TABLE = `${LIKED.schema}.${LIKED.name}`

/** Readers of CSV in Hive and Athena take each line as a row, also inside of quotes. */
const oneLine = (column: string) => `regexp_replace(${column}, '[\\r\\n]+', ' ', 'g')`

const ALBUM_COLUMNS: Columns = {
  album_id: 'text',
  name: 'text',
  release_date: 'text',
  total_tracks: 'integer',
  url: 'text',
}

const ARTIST_COLUMNS: Columns = { artist_id: 'text', artist_name: 'text', external_url: 'text' }

const SONG_COLUMNS: Columns = {
  song_id: 'text',
  song_name: 'text',
  duration_ms: 'integer',
  url: 'text',
  popularity: 'integer',
  song_added: 'timestamp',
  album_id: 'text',
  artist_id: 'text',
}

/** @param added when the song was liked, in UTC; null if it wasn't */
function songs(added: string, join: string): string {
  return `
    select songs.id as song_id, ${oneLine('songs.name')} as song_name, songs.duration_ms, songs.spotify_url as url,
      cast(null as bigint) as popularity, ${added} as song_added, songs.album_id, songs.artist_id
    from ${rawTable('tracks')} as songs ${join}`
}

/** The three files that pipelines of Lambda functions and Glue write, with their columns. */
const EXTRACTS: Extract[] = [
  {
    name: 'album_data',
    columns: ALBUM_COLUMNS,
    queries: [
      {
        requires: [rawTable('albums')],
        sql: `select id as album_id, ${oneLine('name')} as name, release_date, total_tracks, spotify_url as url
          from ${rawTable('albums')}`,
      },
    ],
  },
  {
    name: 'artist_data',
    columns: ARTIST_COLUMNS,
    queries: [
      {
        requires: [rawTable('artists')],
        sql: `select id as artist_id, ${oneLine('name')} as artist_name, spotify_url as external_url
          from ${rawTable('artists')}`,
      },
    ],
  },
  {
    name: 'song_data',
    columns: SONG_COLUMNS,
    queries: [
      {
        requires: [rawTable('tracks'), LIKED_TABLE],
        sql: songs(
          'liked.added_at',
          `left join (select id, min(added_at) as added_at from ${LIKED_TABLE} group by id) as liked on liked.id = songs.id`,
        ),
      },
      { requires: [rawTable('tracks')], sql: songs('cast(null as timestamp)', '') },
    ],
  },
]

export const PUBLISHED: Pick<ExportJob, 'tables' | 'keys' | 'extracts'> = {
  tables: TABLES,
  keys: KEYS,
  extracts: EXTRACTS,
}

/** Where a file is, below the folder and the prefix. Crawlers make one table of each folder. */
export function pathOf({ name, format }: { name: string; format: 'parquet' | 'csv' }): string {
  return format === 'csv' ? `transformed_data/${name}/data.csv` : `refined/${name}/data.parquet`
}
