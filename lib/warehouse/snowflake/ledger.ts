import type { LoadCounts } from '#lib/core/table.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import type { SnowflakeOptions } from './connection.ts'
import { codeOf } from './failures.ts'
import { insertNotes, type Note, openingSelect } from './own-sql.ts'
import { claim, foreignSchema, standing, takenOver } from './owner.ts'
import type { Session } from './session.ts'

const MISSING = '002003'

/** Which reads a schema holds: read with the first statement of a session, written with its last. */
export class Ledger {
  readonly #session: Session
  readonly #options: SnowflakeOptions
  readonly #known = new Map<string, LoadCounts>()
  #unsettled: Note[] = []
  #opening: Promise<void> | undefined
  #marked = false

  constructor(session: Session, options: SnowflakeOptions) {
    this.#session = session
    this.#options = options
  }

  /**
   * Looks whose schema it is, once.
   * @throws Stop when it is not this listener's
   */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((thrown) => {
      this.#opening = undefined
      throw thrown
    })
    return this.#opening
  }

  /** Like `open`; a schema without a marker is marked, since something will be written into it. */
  async openToWrite(): Promise<void> {
    await this.open()
    if (this.#marked) return
    await claim(this.#session, this.#options.address, this.#options.owner)
    this.#marked = true
  }

  /** What the same read did to the same table when it was loaded before. */
  earlier({ readId, table }: Load): LoadCounts | undefined {
    return this.#known.get(keyOf(readId, table.name))
  }

  /** Whether notes about the table wait to be written. */
  hasUnsettled(table: string): boolean {
    return this.#unsettled.some((note) => note.table === table)
  }

  note({ readId, stream, table, runId }: Load, counts: LoadCounts, loadedAt: Date): void {
    this.#known.set(keyOf(readId, table.name), counts)
    this.#unsettled.push({
      readId,
      stream,
      table: table.name,
      runId,
      ...counts,
      loadedAt: loadedAt.getTime(),
      source: 'tracklake',
    })
  }

  /** Writes what waits, in one statement however many reads it were. */
  async settle(): Promise<void> {
    const notes = this.#unsettled
    if (notes.length === 0) return
    await this.#session.run(insertNotes(this.#options.address, notes))
    this.#unsettled = this.#unsettled.slice(notes.length)
  }

  async #open(): Promise<void> {
    const { address, owner } = this.#options
    const rows = await this.#session.run(openingSelect(address)).then(
      (answer) => answer.rows,
      (thrown) => {
        // No marker yet, or no schema: whoever writes finds out which.
        if (codeOf(thrown) === MISSING) return []
        throw thrown
      },
    )
    const [instanceId, accountId] = rows[0] ?? []
    if (typeof instanceId !== 'string' || typeof accountId !== 'string') return
    const claimed = standing({ instanceId, accountId }, owner)
    if (claimed === 'foreign') throw foreignSchema(address)
    if (claimed === 'reclaimable') throw takenOver(address)
    this.#marked = true
    for (const [, , readId, table, added, changed, unchanged, removed] of rows) {
      if (typeof readId !== 'string' || typeof table !== 'string') continue
      const counts = {
        new: Number(added),
        changed: Number(changed),
        unchanged: Number(unchanged),
        removed: Number(removed),
      }
      this.#known.set(keyOf(readId, table), counts)
    }
  }
}

function keyOf(readId: string, table: string): string {
  return JSON.stringify([readId, table])
}
