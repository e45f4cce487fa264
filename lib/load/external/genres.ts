import { db, type Run, type WarehouseConnection } from '#lib/db.ts'
import { lockIfOwned } from '#lib/load/lease.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { GENRE_MAP } from '#lib/streams/decisions.ts'
import { GENRES } from '#lib/streams/index.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { markExternalStale } from './models.ts'

/**
 * Loads the genres of the embedded copy into an external warehouse if they have changed. They wait for a load that is due
 * anyway. Without an embedded copy there are none. Repeating it changes nothing.
 */
export async function loadGenres(
  connection: WarehouseConnection,
  run: Run,
  warehouse: ExternalWarehouse,
): Promise<void> {
  const { id, userId, copy, genresLoaded } = connection
  if (!keepsEmbeddedCopies() || !hasEmbeddedCopy(userId)) return
  const embedded = await openEmbeddedCopy({ userId })
  const { schema, name } = GENRE_MAP
  if ((await embedded.existing(schema, [name])).length === 0) return
  const [state] = await embedded.query(
    `select count(*) as genres, max(changed_at) as changed_at from ${embedded.table(schema, name)}`,
    [],
  )
  const version = `${state?.genres} ${state?.changed_at}`
  if (version === genresLoaded || (genresLoaded === null && state?.genres === 0)) return
  const counts = await warehouse.load({
    readId: `genres ${id} ${copy} ${version}`,
    runId: run.id,
    stream: GENRES,
    table: GENRE_MAP,
    mode: 'overwrite',
    rows: embedded.rowsOf(GENRE_MAP),
  })
  await warehouse.flush()
  await db().$transaction(async (tx) => {
    if (!(await lockIfOwned(tx, connection))) return
    await tx.warehouseConnection.update({ where: { id }, data: { genresLoaded: version } })
    await markExternalStale(tx, connection, [GENRE_MAP], counts)
  })
}
