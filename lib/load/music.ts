import { createHash } from 'node:crypto'
import { isIdFromNames } from '#lib/core/fold.ts'
import type { Row, Table } from '#lib/core/table.ts'
import type { StreamRead } from '#lib/db.ts'
import { ALBUMS, ARTISTS, MUSIC_TABLES, type MusicObjects, musicRows, TRACKS } from '#lib/streams/music.ts'
import type { Load, Warehouse } from '#lib/warehouse/warehouse.ts'

const ROWS_PER_BATCH = 1_000

/**
 * Collects the rows that describe the music of one or more reads, oldest read first, one row for each object. About 600
 * bytes each, and at most two for each song of the reads.
 */
export class MusicCollector {
  #rows = new Map<Table, Map<string, Row>>(MUSIC_TABLES.map((table) => [table, new Map()]))
  readonly #readIds: string[] = []
  /** The read whose items are being added. */
  #open: string | null = null
  readonly #complete = new Set<string>()

  start({ id }: Pick<StreamRead, 'id'>): void {
    this.#open = id
    if (!this.#readIds.includes(id)) this.#readIds.push(id)
  }

  add(music: MusicObjects, seenAt: string): void {
    for (const { table, id, row } of musicRows(music, seenAt)) {
      const rows = this.#rows.get(table) as Map<string, Row>
      const known = rows.get(id)
      if (known) fill(known, row)
      else rows.set(id, row)
    }
  }

  /** All items of the read that was started have been added. */
  done(): void {
    if (this.#open) this.#complete.add(this.#open)
    this.#open = null
  }

  /** Whether every item of the read was added. A load that was done before doesn't read its items again. */
  has({ id }: Pick<StreamRead, 'id'>): boolean {
    return this.#complete.has(id)
  }

  /**
   * Replaces ids that are made of names by Spotify's, where the warehouse knows exactly one artist, or one album of the
   * artist, of that name. Otherwise an artist whom an export only names would be two.
   */
  async identify(warehouse: Warehouse): Promise<void> {
    const [tracks, albums, artists] = [TRACKS, ALBUMS, ARTISTS].map((table) => this.#rows.get(table) ?? new Map())
    const artistIds = await knownIds(warehouse, ARTISTS, artists as Map<string, Row>, ['folded'])
    for (const row of [...(tracks?.values() ?? []), ...(albums?.values() ?? [])] as Row[]) {
      row.artist_id = artistIds.get(String(row.artist_id)) ?? row.artist_id ?? null
      const all = typeof row.artist_ids === 'string' ? row.artist_ids.split(', ') : []
      row.artist_ids = all.map((id) => artistIds.get(id) ?? id).join(', ') || null
    }
    const albumIds = await knownIds(warehouse, ALBUMS, albums as Map<string, Row>, ['folded', 'artist_id'])
    for (const row of (tracks?.values() ?? []) as Iterable<Row>)
      row.album_id = albumIds.get(String(row.album_id)) ?? row.album_id ?? null
    for (const id of artistIds.keys()) artists?.delete(id)
    for (const id of albumIds.keys()) albums?.delete(id)
  }

  /**
   * What was collected, as loads of the tables that describe music. Loading it again changes nothing.
   * @param older the tables already hold newer reads, so only gaps are filled
   */
  loads({ runId, older = false }: { runId: string; older?: boolean }): Load[] {
    const of = createHash('sha256').update(this.#readIds.join(' ')).digest('hex').slice(0, 32)
    return MUSIC_TABLES.flatMap((table) => {
      const rows = [...(this.#rows.get(table)?.values() ?? [])]
      if (rows.length === 0) return []
      return {
        readId: `music ${of}`,
        runId,
        stream: 'music',
        table,
        mode: older ? ('fill gaps' as const) : ('fill' as const),
        rows: inBatches(rows),
      }
    })
  }
}

const MAX_KNOWN = 200_000

/** Spotify's ids for rows whose ids are made of names, by those ids. @param names the columns that tell rows apart */
async function knownIds(
  warehouse: Warehouse,
  table: Table,
  rows: Map<string, Row>,
  names: string[],
): Promise<Map<string, string>> {
  const unknown = [...rows.values()].filter(({ id }) => isIdFromNames(id))
  if (unknown.length === 0 || (await warehouse.existing('raw', [table.name])).length === 0) return new Map()
  const columns = names.join(', ')
  const known = await warehouse.query(
    `select ${columns}, min(id) as id from ${warehouse.table('raw', table.name)}
     where id not like 'n-%' group by ${columns} having count(*) = 1`,
    [],
    { limit: MAX_KNOWN },
  )
  const nameOf = (row: Row) => JSON.stringify(names.map((name) => row[name] ?? null))
  const byName = new Map(known.map((row) => [nameOf(row), String(row.id)]))
  return new Map(
    unknown.flatMap((row) => {
      const id = row.folded ? byName.get(nameOf(row)) : undefined
      return id ? [[String(row.id), id] as const] : []
    }),
  )
}

/** Values that arrived later win, unless they are null. */
function fill(known: Row, row: Row): void {
  for (const [name, cell] of Object.entries(row)) if (cell !== null && name !== 'first_seen_at') known[name] = cell
}

async function* inBatches(rows: Row[]): AsyncGenerator<Row[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_BATCH) yield rows.slice(start, start + ROWS_PER_BATCH)
}
