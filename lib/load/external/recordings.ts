import { db, type Run, type WarehouseConnection } from '#lib/db.ts'
import { lockIfOwned } from '#lib/load/lease.ts'
import { recordingChoices } from '#lib/load/recordings.ts'
import { resolveChoices } from '#lib/models/recordings.ts'
import { RECORDING_CHOICES } from '#lib/streams/decisions.ts'
import { RECORDINGS } from '#lib/streams/index.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { markExternalStale } from './models.ts'

/**
 * Replaces the choices about recordings in an external warehouse if any has changed. Like exclusions, they wait for a load
 * that is due anyway. Repeating it changes nothing.
 */
export async function loadRecordings(
  connection: WarehouseConnection,
  run: Run,
  warehouse: ExternalWarehouse,
): Promise<void> {
  const { id, userId, copy, recordingsUntil } = connection
  const { recordingsAt } = await db().user.findUniqueOrThrow({ where: { id: userId }, select: { recordingsAt: true } })
  if (!recordingsAt || (recordingsUntil && recordingsUntil >= recordingsAt)) return
  const choices = resolveChoices(await recordingChoices(userId))
  const counts = await warehouse.load({
    readId: `recordings ${id} ${copy} ${recordingsAt.getTime()}`,
    runId: run.id,
    stream: RECORDINGS,
    table: RECORDING_CHOICES,
    mode: 'overwrite',
    rows: (async function* () {
      yield choices.map(({ trackId, recordingId, changedAt }) => ({
        track_id: trackId,
        recording_id: recordingId,
        changed_at: changedAt.toISOString(),
      }))
    })(),
  })
  await warehouse.flush()
  await db().$transaction(async (tx) => {
    if (!(await lockIfOwned(tx, connection))) return
    await tx.warehouseConnection.update({ where: { id }, data: { recordingsUntil: recordingsAt } })
    await markExternalStale(tx, connection, [RECORDING_CHOICES], counts)
  })
}
