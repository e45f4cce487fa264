import { readFileSync } from 'node:fs'
import { argv, stdout } from 'node:process'
import { SECOND } from '#lib/core/clock.ts'
import type { Row, Table } from '#lib/core/table.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'

/**
 * A separate process that loads invented liked songs: `node load.bench.ts <options as JSON> <rows>`. It prints one line of
 * JSON: the load's statements and bytes, and how much memory it took including the driver.
 */

export interface LoadFigures {
  rows: number
  /** Bytes of the rows as JSON. */
  bytes: number
  /** Bytes sent; a file is compressed. */
  sent: number
  statements: number
  ms: number
  /** Peak resident memory compared with before the first use of the warehouse, including the driver. */
  grownMb: number
}

const BATCH = 50
const SAMPLE_MS = 10

const saved: Table = {
  schema: 'raw',
  name: 'bench_saved_tracks',
  columns: {
    id: 'text',
    synced_at: 'timestamp',
    added_at: 'timestamp',
    name: 'text',
    duration_ms: 'integer',
    explicit: 'boolean',
    popularity: 'integer',
    tempo: 'double',
    album: 'json',
    artists: 'json',
    artist_names: 'text',
    album_name: 'text',
    spotify_url: 'text',
  },
  key: ['id'],
}

function rowOf(index: number): Row {
  const id = `track-${String(index).padStart(8, '0')}`
  const image = (size: number) => ({ url: `https://i.scdn.co/image/${id}-${size}`, width: size, height: size })
  const artist = { id: `artist-${index % 977}`, name: `An artist of usual length ${index % 977}`, type: 'artist' }
  return {
    id,
    synced_at: '2026-10-14T12:00:00.000Z',
    added_at: new Date(1.6e12 + index * SECOND).toISOString(),
    name: `A title of usual length ${index}`,
    duration_ms: 180_000 + index,
    explicit: index % 9 === 0,
    popularity: null,
    tempo: index / 7,
    album: {
      id: `album-${index % 4001}`,
      name: `An album ${index % 4001}`,
      images: [640, 300, 64].map(image),
      artists: [artist],
    },
    artists: [artist],
    artist_names: artist.name,
    album_name: `An album ${index % 4001}`,
    spotify_url: `https://open.spotify.com/track/${id}`,
  }
}

async function* batches(count: number): AsyncGenerator<Row[]> {
  for (let start = 0; start < count; start += BATCH) {
    yield Array.from({ length: Math.min(BATCH, count - start) }, (_, index) => rowOf(start + index))
  }
}

function residentMb(): number {
  const [, resident] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(resident ?? process.memoryUsage.rss() / 1024) / 1024
}

async function measure(options: SnowflakeOptions, rows: number): Promise<LoadFigures> {
  const before = residentMb()
  let peak = before
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentMb())
  }, SAMPLE_MS)
  const warehouse = openSnowflake(options)
  const load: Load = {
    readId: `bench-${rows}`,
    runId: 'bench',
    stream: saved.name,
    table: saved,
    mode: 'overwrite',
    rows: batches(rows),
  }
  // The table exists, as in every load but the first.
  await warehouse.load({ ...load, readId: 'first', rows: batches(1) })
  const { statements: earlier, bytes: earlierBytes } = warehouse.usage()
  const start = performance.now()
  await warehouse.load(load)
  const ms = performance.now() - start
  const { statements, bytes } = warehouse.usage()
  await warehouse.flush()
  await warehouse.close()
  clearInterval(sampling)
  return {
    rows,
    bytes: rows * JSON.stringify(Object.values(rowOf(rows))).length,
    sent: bytes - earlierBytes,
    statements: statements - earlier,
    ms,
    grownMb: Math.max(peak, residentMb()) - before,
  }
}

if (import.meta.main) {
  const [, , options = '', rows = ''] = argv
  stdout.write(`${JSON.stringify(await measure(JSON.parse(options), Number(rows)))}\n`)
}
