import { Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { inWords } from '#lib/core/to-failure.ts'
import { db, type StreamRead, type WarehouseConnection } from '#lib/db.ts'
import { hasDuckdb, openWarehouse, warehousesAreThere } from '#lib/storage/places.ts'
import { streamNamed } from '#lib/streams/index.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'
import { loadConnected } from './external/load-session.ts'
import { asFailure, failRead, type LoadEnd, waitForWarehouse } from './failure.ts'
import { acquireLease, afterItself, releaseLease, releaseLeaseIfIdle } from './lease.ts'
import { finishLoaded, finishStreamRun, recordLoaded } from './outcome.ts'
import { describeLoad } from './rows.ts'

/**
 * Loads what waits for a destination: of the embedded one the oldest complete read, of a connected one all that a
 * session has time for. One loader a destination at a time: the others leave,
 * because the one who is at it looks again before it leaves.
 * @param by names the job, so that its repetition keeps its turn
 * @throws Transient, for the job to repeat
 */
export function loadNext(connectionId: string, by: string): Promise<LoadEnd> {
  return inWords({ connectionId }, () => afterItself(connectionId, by, () => loadOnce(connectionId, by)))
}

async function loadOnce(connectionId: string, by: string): Promise<LoadEnd> {
  const connection = await acquireLease(connectionId, by)
  if (!connection) {
    await releaseLease(connectionId, by)
    return { more: false }
  }
  if (connection.kind === 'snowflake') return loadConnected(connection, by)
  await rebuildIfGone(connection)
  const entry = await db().loadLedger.findFirst({
    where: { connectionId, state: 'waiting' },
    orderBy: { read: { completedAt: 'asc' } },
    include: { read: true },
  })
  if (!entry) {
    const { endedRun } = await finishLoaded(connectionId)
    return endedRun ? { more: true, endedRun } : { more: !(await releaseLeaseIfIdle(connectionId, by)) }
  }
  return loadRead(connection, entry.read)
}

const MOST_AT_ONCE = 500
/** Where the next tick goes on: each looks at some, so that a tick costs the same however many listeners there are. */
let lookedAt = ''

/** Finds embedded warehouses whose file was taken away; what they held waits to be loaded again. */
export async function rebuildMissing(): Promise<void> {
  // A whole folder that is away is a disk that is not mounted, not a decision.
  if (!warehousesAreThere()) return
  const loaded = await db().warehouseConnection.findMany({
    where: { id: { gt: lookedAt }, kind: 'duckdb', loadingUntil: null, ledger: { some: { state: 'loaded' } } },
    orderBy: { id: 'asc' },
    take: MOST_AT_ONCE,
  })
  lookedAt = loaded.length === MOST_AT_ONCE ? (loaded.at(-1)?.id ?? '') : ''
  for (const connection of loaded) await rebuildIfGone(connection)
}

/** The file of an embedded warehouse was taken away: everything that was ever landed is loaded again, oldest first. */
async function rebuildIfGone({ id, kind, userId }: WarehouseConnection): Promise<void> {
  if (kind !== 'duckdb' || hasDuckdb(userId)) return
  const { count } = await db().loadLedger.updateMany({
    where: { connectionId: id, state: 'loaded' },
    data: { state: 'waiting' },
  })
  if (count > 0) log.warn('the warehouse file was gone, loading everything again', { connectionId: id, reads: count })
}

async function loadRead(connection: WarehouseConnection, read: StreamRead): Promise<LoadEnd> {
  let warehouse: Warehouse
  try {
    warehouse = await openWarehouse(connection)
  } catch (thrown) {
    return waitForWarehouse(connection, asFailure(thrown))
  }
  const rejected: Record<string, number> = {}
  try {
    const load = await describeLoad(connection, read, streamNamed(read.stream), rejected)
    await recordLoaded(connection, read, await warehouse.load(load), rejected)
  } catch (thrown) {
    const failure = asFailure(thrown)
    return failure instanceof Wait ? waitForWarehouse(connection, failure) : failRead(connection, read, failure)
  }
  const endedRun = read.streamRunId ? await finishStreamRun(read.streamRunId) : null
  return { more: true, ...(endedRun ? { endedRun } : {}) }
}
