import type { Row } from '#lib/core/table.ts'
import { db, type Run, type WarehouseConnection } from '#lib/db.ts'
import { exclusionsSince } from '#lib/load/exclusions.ts'
import { lockIfOwned } from '#lib/load/lease.ts'
import type { Exclusion } from '#lib/models/exclusions.ts'
import { EXCLUDED_PLAYS } from '#lib/streams/decisions.ts'
import { EXCLUSIONS } from '#lib/streams/index.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { markExternalStale } from './models.ts'

/**
 * Loads the exclusions that an external warehouse lacks. They wait for a load that is due anyway, because a decision about
 * one play is not worth starting a warehouse for. Repeating it changes nothing.
 */
export async function loadExclusions(
  connection: WarehouseConnection,
  run: Run,
  warehouse: ExternalWarehouse,
): Promise<void> {
  const { id, userId, copy, exclusionsUntil } = connection
  const changed = await exclusionsSince(userId, exclusionsUntil)
  const newest = changed.at(-1)
  if (!newest) return
  const counts = await warehouse.load({
    readId: `exclusions ${id} ${copy} ${newest.changedAt.getTime()} ${changed.length}`,
    runId: run.id,
    stream: EXCLUSIONS,
    table: EXCLUDED_PLAYS,
    mode: 'merge',
    rows: rowsOf(changed),
  })
  await warehouse.flush()
  await db().$transaction(async (tx) => {
    if (!(await lockIfOwned(tx, connection))) return
    await tx.warehouseConnection.update({ where: { id }, data: { exclusionsUntil: newest.changedAt } })
    await markExternalStale(tx, connection, [EXCLUDED_PLAYS], counts)
  })
}

const ROWS_PER_BATCH = 1_000

async function* rowsOf(exclusions: Exclusion[]): AsyncGenerator<Row[]> {
  for (let start = 0; start < exclusions.length; start += ROWS_PER_BATCH)
    yield exclusions.slice(start, start + ROWS_PER_BATCH).map(({ playedAt, uri, excluded, changedAt }) => ({
      played_at: playedAt.toISOString(),
      uri,
      excluded,
      changed_at: changedAt.toISOString(),
    }))
}
