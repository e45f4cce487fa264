import type { LoadCounts } from '#lib/core/table.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { codeOf } from '#lib/warehouse/snowflake/driver/failures.ts'
import type { Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { insertEntries, type LedgerEntry, openingSelect } from '#lib/warehouse/snowflake/schema/own-sql.ts'
import { claim, claimOf, foreignSchema, schemaTakenOver } from '#lib/warehouse/snowflake/schema/owner.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'

const MISSING = '002003'

/** Which reads a schema holds. Read with the first statement of a session, written with its last. */
export class Ledger {
  readonly #session: Session
  readonly #options: SnowflakeOptions
  readonly #known = new Map<string, LoadCounts>()
  #unflushed: LedgerEntry[] = []
  #opening: Promise<void> | undefined
  #marked = false

  constructor(session: Session, options: SnowflakeOptions) {
    this.#session = session
    this.#options = options
  }

  /**
   * Checks once who owns the schema.
   * @throws Stop when it is not this listener's
   */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /** Like `open`, but also marks a schema without an owner, because something is about to be written into it. */
  async openToWrite(): Promise<void> {
    await this.open()
    if (this.#marked) return
    await claim(this.#session, this.#options.address, this.#options.owner)
    this.#marked = true
  }

  /** The counts of an earlier load of the same read into the same table. */
  earlier({ readId, table }: Load): LoadCounts | undefined {
    return this.#known.get(keyOf(readId, table.name))
  }

  /** Whether entries about the table still have to be written. */
  hasUnflushed(table: string): boolean {
    return this.#unflushed.some((entry) => entry.table_name === table)
  }

  add({ readId, stream, table, runId }: Load, counts: LoadCounts, loadedAt: Date): void {
    this.#known.set(keyOf(readId, table.name), counts)
    this.#unflushed.push({
      read_id: readId,
      stream,
      table_name: table.name,
      run_id: runId,
      rows_new: counts.new,
      rows_changed: counts.changed,
      rows_unchanged: counts.unchanged,
      rows_removed: counts.removed,
      loaded_at: loadedAt.getTime(),
      source: 'tracklake',
    })
  }

  /** Writes all pending entries in one statement. */
  async flush(): Promise<void> {
    const entries = this.#unflushed
    if (entries.length === 0) return
    await this.#session.run(insertEntries(this.#options.address, entries))
    this.#unflushed = this.#unflushed.slice(entries.length)
  }

  async #open(): Promise<void> {
    const { address, owner } = this.#options
    const rows = await this.#session.run(openingSelect(address)).then(
      (result) => result.rows,
      (error) => {
        // No owner table yet, or no schema: the first write shows which.
        if (codeOf(error) === MISSING) return []
        throw error
      },
    )
    const [instanceId, accountId] = rows[0] ?? []
    if (typeof instanceId !== 'string' || typeof accountId !== 'string') return
    const claimed = claimOf({ instanceId, accountId }, owner)
    if (claimed === 'foreign') throw foreignSchema(address)
    if (claimed === 'reclaimable') throw schemaTakenOver(address)
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
