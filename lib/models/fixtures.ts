import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Cell, Row, Table } from '#lib/core/table.ts'
import { MUSIC_TABLES } from '#lib/streams/music.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import { CREATE_TOUCHED, TOUCHED } from '#lib/warehouse/touched.ts'
import type { EmbeddedWarehouse, RunStatement } from '#lib/warehouse/warehouse.ts'
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
