import { createHash } from 'node:crypto'
import type { Row, Table } from '#lib/core/table.ts'
import type { StreamRead } from '#lib/db.ts'
import { IMPORT_COLUMN, IMPORTED_MUSIC } from '#lib/streams/imported-music.ts'
import { MUSIC_TABLES, type MusicRow } from '#lib/streams/music.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'

const ROWS_PER_BATCH = 1_000

/**
 * Collects the rows that describe the music of one or more reads, oldest read first, one row for each object. About 600
 * bytes each, and at most two for each song of the reads.
 */
export class MusicCollector {
  #rows = new Map<Table, Map<string, Row>>()
  readonly #readIds: string[] = []
  /** The read whose items are being added. */
  #open: string | null = null
  readonly #complete = new Set<string>()

  start({ id }: Pick<StreamRead, 'id'>): void {
    this.#open = id
    if (!this.#readIds.includes(id)) this.#readIds.push(id)
  }

  add(music: Iterable<MusicRow>): void {
    for (const { table, id, row } of music) {
      const rows = this.#rows.get(table) ?? new Map<string, Row>()
      this.#rows.set(table, rows)
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

  /** Adds what another one has collected from later reads. */
  take(later: MusicCollector): void {
    for (const [table, rows] of later.#rows) this.add([...rows].map(([id, row]) => ({ table, id, row })))
    for (const id of later.#readIds) if (!this.#readIds.includes(id)) this.#readIds.push(id)
    for (const id of later.#complete) this.#complete.add(id)
  }

  /** The number of collected rows. */
  get rows(): number {
    return [...this.#rows.values()].reduce((sum, rows) => sum + rows.size, 0)
  }

  /** The number of reads whose music was collected, at least in part. */
  get reads(): number {
    return this.#readIds.length
  }

  /** Whether every item of the read was added. A load that was done before doesn't read its items again. */
  has({ id }: Pick<StreamRead, 'id'>): boolean {
    return this.#complete.has(id)
  }

  /**
   * What was collected, as loads of the tables that describe music. Loading it again changes nothing.
   * @param older the tables already hold newer reads, so only gaps are filled
   */
  loads({ runId, older = false }: { runId: string; older?: boolean }): Load[] {
    const mode = older ? ('fill gaps' as const) : ('fill' as const)
    return MUSIC_TABLES.flatMap((table) => {
      const rows = this.#rowsOf(table)
      return rows.length > 0 ? [{ ...this.#load(runId, table, rows), mode }] : []
    })
  }

  /** What was collected from imports, as loads that replace what these imports had said; no rows remove it. */
  importedLoads({ loadId, runId, imports }: { loadId: string; runId: string; imports: string[] }): Load[] {
    return IMPORTED_MUSIC.map((table) => ({
      ...this.#load(runId, table, this.#rowsOf(table)),
      readId: `music ${loadId}`,
      mode: 'replace part' as const,
      parts: { column: IMPORT_COLUMN, values: imports },
    }))
  }

  #rowsOf(table: Table): Row[] {
    return [...(this.#rows.get(table)?.values() ?? [])]
  }

  #load(runId: string, table: Table, rows: Row[]): Omit<Load, 'mode'> {
    const of = createHash('sha256').update(this.#readIds.join(' ')).digest('hex').slice(0, 32)
    return { readId: `music ${of}`, runId, stream: 'music', table, rows: inBatches(rows) }
  }
}

/** Values that arrived later win, unless they are null. */
function fill(known: Row, row: Row): void {
  for (const [name, cell] of Object.entries(row)) if (cell !== null && name !== 'first_seen_at') known[name] = cell
}

async function* inBatches(rows: Row[]): AsyncGenerator<Row[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_BATCH) yield rows.slice(start, start + ROWS_PER_BATCH)
}
