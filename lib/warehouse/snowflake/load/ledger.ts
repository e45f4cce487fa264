import type { LoadCounts } from '#lib/core/table.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { isMissing } from '#lib/warehouse/snowflake/driver/failures.ts'
import type { Session } from '#lib/warehouse/snowflake/driver/session.ts'
import type { Listing } from '#lib/warehouse/snowflake/schema/listing.ts'
import { insertEntries, type LedgerEntry, openingSelect } from '#lib/warehouse/snowflake/schema/own-sql.ts'
import { claim, claimOf, foreignSchema, schemaTakenOver } from '#lib/warehouse/snowflake/schema/owner.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'

export type Ledger = ReturnType<typeof ledgerOf>

/** The reads that a schema contains: queried with the first statement of a session, written with the last. */
export function ledgerOf(session: Session, { address, owner }: SnowflakeOptions, listing: Listing) {
  const known = new Map<string, LoadCounts>()
  let unflushed: LedgerEntry[] = []
  let opening: Promise<void> | undefined
  let isMarked = false

  const readEntries = async (): Promise<void> => {
    const rows = await session.run(openingSelect(address)).then(
      (result) => result.rows,
      (error) => {
        // No owner table yet, or no schema: the first write shows which.
        if (isMissing(error)) return []
        throw error
      },
    )
    const [instanceId, accountId] = rows[0] ?? []
    if (typeof instanceId !== 'string' || typeof accountId !== 'string') return
    const claimed = claimOf({ instanceId, accountId }, owner)
    if (claimed === 'foreign') throw foreignSchema(address)
    if (claimed === 'reclaimable') throw schemaTakenOver(address)
    isMarked = true
    for (const [, , readId, table, added, changed, unchanged, removed] of rows) {
      if (typeof readId !== 'string' || typeof table !== 'string') continue
      const counts = {
        new: Number(added),
        changed: Number(changed),
        unchanged: Number(unchanged),
        removed: Number(removed),
      }
      known.set(keyOf(readId, table), counts)
    }
  }

  /**
   * Checks once who owns the schema.
   * @throws Stop when it is not this listener's
   */
  const open = (): Promise<void> => {
    opening ??= readEntries().catch((error) => {
      opening = undefined
      throw error
    })
    return opening
  }

  return {
    open,
    /** Like `open`, but also marks a schema without an owner, because something is about to be written into it. */
    async openToWrite(): Promise<void> {
      await open()
      if (isMarked) return
      await claim(session, address, owner, listing)
      isMarked = true
    },
    /** The counts of an earlier load of the same read into the same table. */
    earlier: ({ readId, table }: Load): LoadCounts | undefined => known.get(keyOf(readId, table.name)),
    /** Whether entries about the table still have to be written. */
    hasUnflushed: (table: string): boolean => unflushed.some((entry) => entry.table_name === table),
    add({ readId, stream, table, runId }: Load, counts: LoadCounts, loadedAt: Date): void {
      known.set(keyOf(readId, table.name), counts)
      unflushed.push({
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
    },
    /** Writes all pending entries in one statement. */
    async flush(): Promise<void> {
      const entries = unflushed
      if (entries.length === 0) return
      await session.run(insertEntries(address, entries))
      unflushed = unflushed.slice(entries.length)
    },
  }
}

function keyOf(readId: string, table: string): string {
  return JSON.stringify([readId, table])
}
