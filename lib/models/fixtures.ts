import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Cell, Row, Table } from '#lib/core/table.ts'
import { MUSIC_TABLES } from '#lib/streams/music.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import { CREATE_TOUCHED, TOUCHED } from '#lib/warehouse/touched.ts'
import type { EmbeddedWarehouse, RunStatement, Warehouse } from '#lib/warehouse/warehouse.ts'
import { SOURCES } from './sources.ts'

/** Raw tables of a listener for tests, filled with as little as each needs. */

/** Adds rows to raw tables; columns that are left out are null. */
export async function addRows(warehouse: EmbeddedWarehouse, tables: Record<string, Row[]>): Promise<void> {
  await warehouse.build([...SOURCES], async (run) => {
    for (const [name, rows] of Object.entries(tables)) {
      const table = sourceOf(name)
      for (const row of rows) {
        const columns = Object.keys(row)
        await run(
          `insert into raw.${quote(table.name)} (${columns.map(quote).join(', ')}) values (${columns.map(() => '?').join(', ')})`,
          columns.map((column) => cellOf(table, column, row[column])),
        )
      }
    }
    await touchMusic(run)
  })
}

/** Lets the next build look at all music, as loads do for what they write. */
async function touchMusic(run: RunStatement): Promise<void> {
  await run('create schema if not exists tracklake')
  await run(CREATE_TOUCHED)
  for (const { name } of MUSIC_TABLES) await run(`insert into ${TOUCHED} select '${name}', id from raw.${quote(name)}`)
}

/** Removes all rows of raw tables. */
export async function clearRows(warehouse: EmbeddedWarehouse, ...tables: string[]): Promise<void> {
  await warehouse.build([...SOURCES], async (run) => {
    for (const name of tables) await run(`delete from raw.${quote(sourceOf(name).name)}`)
  })
}

function sourceOf(name: string): Table {
  const table = SOURCES.find((source) => source.name === name)
  if (!table) throw new Error(`No model selects from raw.${name}`)
  return table
}

/** DuckDB takes timestamps without a zone. */
function cellOf(table: Table, column: string, cell: Cell | undefined): Cell {
  return table.columns[column] === 'timestamp' && typeof cell === 'string' ? cell.replace('Z', '') : (cell ?? null)
}

/** A song of an artist of its own, as the music tables have it. */
export function songRows(
  id: string,
  { name = `Song ${id}`, artist = `artist-${id}`, album = `album-${id}`, duration_ms = 200_000 } = {},
) {
  const common = { first_seen_at: '2026-01-01T00:00:00.000Z' }
  return {
    tracks: [
      {
        ...common,
        id,
        uri: `spotify:track:${id}`,
        name,
        folded: name.toLowerCase(),
        artist_id: artist,
        artist_names: `The ${artist}`,
        album_id: album,
        duration_ms,
        isrc: `ISRC-${id}`,
      },
    ],
    artists: [{ ...common, id: artist, name: `The ${artist}`, folded: `the ${artist}` }],
    albums: [{ ...common, id: album, name: `Album ${album}`, folded: `album ${album}`, artist_id: artist }],
  }
}

/** How an import names a song, an album or, without the artist, an artist. */
function importedName(id: string, name: string, artist?: string): Row {
  const by: Row = artist ? { artist_id: artist === 'Somebody' ? 'n-somebody' : 'n-artist-0', artist_name: artist } : {}
  return {
    id,
    import_id: 'import-1',
    name,
    folded: name.toLowerCase(),
    ...by,
    first_seen_at: '2026-03-01T00:00:00.000Z',
  }
}

/** A play as Spotify's API reports it. @param at ISO 8601 */
export function play(track: string, at: string, more: Row = {}): Row {
  return {
    played_at: at,
    uri: `spotify:track:${track}`,
    track_id: track,
    artist_id: `artist-${track}`,
    album_id: `album-${track}`,
    synced_at: at,
    ...more,
  }
}

/** A play of an extended export. @param at its end, ISO 8601 */
export function importedPlay(track: string, at: string, more: Row = {}): Row {
  return {
    played_at: at,
    uri: `spotify:track:${track}`,
    ms_played: 200_000,
    track_id: track,
    artist_id: `artist-${track}`,
    album_id: `album-${track}`,
    kind: 'song',
    source: 'spotify-extended',
    skipped: false,
    private: false,
    offline: false,
    import_id: 'import-1',
    imported_at: '2026-03-01T00:00:00.000Z',
    ...more,
  }
}

export function settings(more: Row = {}): Row {
  return {
    id: 1,
    zone: 'UTC',
    week_start: 1,
    counting_rule: '30s',
    counts_private: true,
    counts_skips: true,
    counts_other_sources: false,
    ...more,
  }
}

export const SONGS = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

/** Plays over half a year with changes of the clock, gaps, repetitions, imports, pairs, exclusions and unknown songs. */
export function listening(): Record<string, Row[]> {
  const start = Date.parse('2025-10-20T21:30:00.000Z')
  const at = (minutes: number) => new Date(start + minutes * 60_000).toISOString()
  const songs = SONGS.map((id, index) =>
    songRows(id, {
      name: ['Über', 'שלום', '100% "wow"', 'Ça', 'Same', 'Same', "It's"][index] ?? id,
      artist: `artist-${index % 4}`,
      album: `album-${index % 5}`,
      duration_ms: 20_000 + index * 40_000,
    }),
  )
  const by = (rows: Row[]) => [...new Map(rows.map((row) => [row.id, row])).values()]
  const of = (index: number) => ({ artist_id: `artist-${index % 4}`, album_id: `album-${index % 5}` })
  const heard = Array.from({ length: 260 }, (_, step) => {
    const index = (step * step) % SONGS.length
    return play(SONGS[index] ?? 'a', at(step * step * 3 + (step % 3) * 17), {
      ...of(index),
      context_uri: step % 4 ? null : 'spotify:playlist:x',
    })
  })
  const first = heard[3] as Row
  const imports = Array.from({ length: 60 }, (_, step) => {
    const index = step % SONGS.length
    return importedPlay(SONGS[index] ?? 'a', at(step * 1_777 - 300_000), {
      ...of(index),
      ms_played: step * 1_500,
      skipped: step % 5 === 0,
      private: step % 7 === 0,
      source: step % 11 ? 'spotify-extended' : 'lastfm',
      import_id: `import-${step % 2}`,
      kind: step % 13 ? 'song' : 'podcast',
    })
  })
  const paired = importedPlay(String(first.track_id), at(1), {
    artist_id: first.artist_id ?? null,
    album_id: first.album_id ?? null,
    ms_played: 19_000,
  })
  // Of account data and of another tracker: ids of names, one of them resolved, and a row that counts already.
  const named = [
    importedPlay('n-a', at(7_001), { uri: 'n-a', artist_id: 'n-artist-0', album_id: null, source: 'spotify-account' }),
    importedPlay('only-imported', at(7_010), { artist_id: 'n-somebody', album_id: 'n-album', import_member: 1 }),
    importedPlay('n-a', at(7_020), {
      uri: 'n-a',
      artist_id: 'n-artist-0',
      album_id: null,
      source: 'lastfm',
      ms_played: 0,
    }),
  ]
  const repeated = importedPlay('n-a', at(2), { uri: 'n-a', artist_id: 'n-artist-0', source: 'lastfm', ms_played: 0 })
  const seen_at = '2026-03-05T00:00:00.000Z'
  return {
    settings: [settings({ zone: 'Europe/Berlin', week_start: 7 })],
    // Two of them are one recording by their code, two by choice.
    tracks: songs.flatMap(({ tracks }, index) =>
      tracks.map((track) => (index === 2 || index === 6 ? { ...track, isrc: 'USAAA2600001' } : track)),
    ),
    artists: by(songs.flatMap(({ artists }) => artists)).slice(1),
    albums: by(songs.flatMap(({ albums }) => albums)),
    imported_tracks: [
      importedName('n-a', 'Über', 'The artist-0'),
      importedName('only-imported', 'Nur importiert', 'Somebody'),
    ],
    imported_artists: [importedName('n-artist-0', 'The artist-0'), importedName('n-somebody', 'Somebody')],
    imported_albums: [importedName('n-album', 'Album X', 'Somebody')],
    resolved_ids: [
      { kind: 'track', id: 'n-a', resolved_id: 'a', resolved_at: seen_at },
      { kind: 'artist', id: 'n-artist-0', resolved_id: 'artist-0', resolved_at: seen_at },
    ],
    plays: [...heard, play('unknown', at(12), { artist_id: null, album_id: null })],
    imported_plays: [...imports, paired, ...named, repeated],
    import_duplicates: [
      {
        played_at: repeated.played_at ?? null,
        uri: repeated.uri ?? null,
        ms_played: repeated.ms_played ?? null,
        kept_played_at: paired.played_at ?? null,
        kept_uri: paired.uri ?? null,
        kept_ms_played: paired.ms_played ?? null,
        distance_ms: 2_000,
        rule: 1,
        paired_at: seen_at,
      },
    ],
    play_pairs: [
      {
        played_at: first.played_at ?? null,
        uri: first.uri ?? null,
        import_played_at: paired.played_at ?? null,
        import_uri: paired.uri ?? null,
        import_ms_played: paired.ms_played ?? null,
        distance_ms: 1,
        rule: 1,
        paired_at: seen_at,
      },
    ],
    excluded_plays: [
      { played_at: heard[9]?.played_at ?? null, uri: heard[9]?.uri ?? null, excluded: true, changed_at: seen_at },
      { played_at: heard[8]?.played_at ?? null, uri: heard[8]?.uri ?? null, excluded: false, changed_at: seen_at },
    ],
    genre_map: [
      { artist_id: 'artist-1', source: 'musicbrainz', genres: 'Rock, R&B', changed_at: seen_at },
      { artist_id: 'artist-2', source: 'musicbrainz', genres: 'rock', changed_at: seen_at },
      { artist_id: 'artist-2', source: 'own', genres: null, changed_at: seen_at },
      { artist_id: 'artist-3', source: 'musicbrainz', genres: 'folk', changed_at: seen_at },
      { artist_id: 'artist-3', source: 'own', genres: 'K-Pop, rock, Ünlü', changed_at: seen_at },
    ],
    chart_entries: ['2025-10-23', '2025-11-06', '2025-11-13'].flatMap((day, edition) =>
      SONGS.map((id, index) => ({
        chart: 'regional-global-weekly',
        day,
        rank: ((index * 3 + edition) % SONGS.length) + 1,
        uri: `spotify:track:${id}`,
        track_id: id,
        name: ['Über', 'שלום', '100% "wow"', 'Ça', 'Same', 'Same', "It's"][index] ?? id,
        artist_names: index % 2 ? 'One, Other' : null,
        streams: index === 3 ? null : 1_000_000 * (9 - index),
        peak_rank: 1,
        previous_rank: index === edition ? null : index + 1,
        weeks_on_chart: index + edition,
        source: edition === 1 ? 'playlist' : 'csv',
        import_id: 'import-1',
        imported_at: seen_at,
      })),
    ),
    audio_features: [
      { uri: 'spotify:track:a', track_id: 'a', danceability: 0.5, tempo: 120.25, key: 4, import_id: 'x' },
    ],
    global_top_tracks_daily_history: [
      { day: '2026-03-04', rank: 1, id: 'a', uri: 'spotify:track:a', name: 'Über', added_at: seen_at },
      { day: '2026-03-05', rank: 1, id: 'b', uri: 'spotify:track:b', name: 'שלום', added_at: seen_at },
    ],
    recording_choices: [{ track_id: 'f', recording_id: 'e', changed_at: seen_at }],
    user_saved_tracks_history: [{ id: 'a', change: 'added', seen_at, added_at: at(0) }],
    user_saved_albums_history: [{ id: 'album-1', change: 'removed', seen_at }],
    user_followed_artists_history: [{ id: 'x', name: 'Someone', change: 'removed', seen_at }],
    user_playlists_stream: [{ id: 'list', name: 'Morning' }],
    user_playlists_history: [{ id: 'list', name: 'Morning', change: 'added', seen_at }],
    user_playlist_items_history: [
      { playlist_id: 'list', uri: 'spotify:track:a', name: 'Über', change: 'added', copies: 2, seen_at },
    ],
    user_top_tracks_mt_history: [{ day: '2026-03-04', rank: 3, id: 'a', name: 'Über', synced_at: seen_at }],
    user_top_artists_st_history: [{ day: '2026-03-04', rank: 1, id: 'artist-1', name: 'One', synced_at: seen_at }],
  }
}

/** Loads rows into raw tables of any warehouse; columns that are left out are null. */
export async function loadRows(warehouse: Warehouse, tables: Record<string, Row[]>): Promise<void> {
  for (const [name, rows] of Object.entries(tables)) {
    const table = SOURCES.find((source) => source.name === name)
    if (!table) throw new Error(`No model selects from raw.${name}`)
    const empty = Object.fromEntries(Object.keys(table.columns).map((column) => [column, null]))
    await warehouse.load(
      loadOf([], {
        table,
        rows: (async function* () {
          yield rows.map((row) => ({ ...empty, ...row }))
        })(),
      }),
    )
  }
  await warehouse.flush()
}

/** A test with an empty warehouse, which is removed afterward. */
export const warehouseTest = test.extend<{ warehouse: EmbeddedWarehouse }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the pattern to know what a fixture needs
  warehouse: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'tracklake-models-'))
    const warehouse = await openDuckdb(join(folder, 'models.duckdb'))
    await use(warehouse)
    await warehouse.close()
    await rm(folder, { recursive: true, force: true })
  },
})
