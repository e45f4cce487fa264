import type { Row, Table } from '#lib/core/table.ts'
import type { Load } from './warehouse.ts'

/** A small table of songs that the tests of every warehouse load. */
export const songs: Table = {
  schema: 'raw',
  name: 'songs',
  columns: { song_id: 'text', title: 'text', plays: 'integer', synced_at: 'timestamp' },
  key: ['song_id'],
}

const NOON = '2026-03-01T12:00:00.000Z'

export function song(song_id: string, plays = 1, more: Row = {}): Row {
  return { song_id, title: `Song ${song_id}`, plays, synced_at: NOON, ...more }
}

/** The rows in batches, as the landing zone delivers them. */
export async function* inBatches(rows: Row[], size = 2): AsyncGenerator<Row[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size)
}

let reads = 0

/** A load of these rows with a read id of its own. */
export function loadOf(rows: Row[], more: Partial<Load> = {}): Load {
  reads += 1
  return {
    readId: `read-${reads}`,
    runId: 'run-1',
    stream: 'songs',
    table: songs,
    mode: 'overwrite',
    rows: inBatches(rows),
    ...more,
  }
}
