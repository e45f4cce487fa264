import { MINUTE } from '#lib/core/clock.ts'
import { type Failure, messageOf, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import type { LoadCounts } from '#lib/core/table.ts'
import { db, type LoadLedger, type Run, type StreamRead, type WarehouseConnection } from '#lib/db.ts'
import { asFailure, type LoadEnd } from '#lib/load/failure.ts'
import { isOwned, lockIfOwned, releaseLease } from '#lib/load/lease.ts'
import { MusicCollector } from '#lib/load/music.ts'
import { recordLoaded } from '#lib/load/outcome.ts'
import { describeLoad, type ItemsWithoutRow, noItemsWithoutRow } from '#lib/load/rows.ts'
import { hasUnpreparedQueries, prepareResults } from '#lib/query/prepared-results.ts'
import { refreshRunState } from '#lib/runs/runs.ts'
import { countPageStart, mayQuery, nextLoadAt, preparesResults, TABLES_VERSION } from '#lib/storage/destinations.ts'
import { landedKindNamed } from '#lib/streams/index.ts'
import type { ExternalWarehouse, Load } from '#lib/warehouse/warehouse.ts'
import { markRecovered, waitForExternal } from './connection-state.ts'
import { loadExclusions } from './exclusions.ts'
import { loadGenres } from './genres.ts'
import { copyStream } from './initial-copy.ts'
import { withCustomMethod } from './load-method.ts'
import { countLoaded, failStream, findOrCreateLoadRun, isCancelled, openLoadRun, startLoadRun } from './load-run.ts'
import { buildExternal, markExternalStale } from './models.ts'
import { loadPairing } from './pairing.ts'
import { compareWithServing, dataVersionOf } from './reconciliation.ts'
import { loadRecordings } from './recordings.ts'
import { writeRunLog } from './run-log.ts'
import { withSession } from './session.ts'
import { upgradeExternal } from './upgrade.ts'

/** After this, the next step of the job continues. */
const SESSION_MS = 2 * MINUTE
/** A crash repeats at most this many reads. */
const READS_PER_FLUSH = 20

/**
 * Loads into an external warehouse in one session: everything that waits, oldest first, as long as the time lasts. When
 * nothing waits any more, it compares the tables with the embedded copy and writes the run log.
 * @throws Transient, for the job to repeat
 */
export async function loadExternal(connection: WarehouseConnection, by: string): Promise<LoadEnd> {
  const { id } = connection
  const run = await dueRun(connection)
  const hasQueries =
    preparesResults(connection.kind) &&
    !mustWait(connection) &&
    mayQuery(connection) &&
    (await hasUnpreparedQueries(connection.userId))
  if (!run && !hasQueries) return finish(id, by)
  if (run && !(await startLoadRun(run.id))) {
    // It was cancelled, and the request that cancelled it may have died before the run ended.
    await refreshRunState(run.id)
    return finish(id, by)
  }
  try {
    if (!run) await countPageStart(connection)
    const tag: Record<string, string> = run ? { run: run.id, trigger: run.trigger } : { for: 'pages' }
    const done = await withSession(connection, { runId: run?.id ?? null, tag }, (warehouse) =>
      run ? loadWaiting(connection, run, warehouse) : prepareResults(connection.userId, warehouse).then(() => true),
    )
    if (!done) return { more: true }
  } catch (error) {
    // A failure of the old connection says nothing about the one saved in the meantime.
    if (!(await isOwned(connection))) return { more: true }
    await waitForExternal(connection, asFailure(error))
    return { more: false }
  }
  await markRecovered(connection)
  await releaseLease(id, by)
  if (!run) return { more: false }
  await scheduleNextLoad(connection)
  return (await refreshRunState(run.id)) ? { more: false, endedRun: run.id } : { more: false }
}

/** True before a retry is due, or until the listener acts. */
function mustWait({ state, loadAfter }: WarehouseConnection): boolean {
  return state === 'failed' || (state === 'waiting' && loadAfter !== null && loadAfter > new Date())
}

async function finish(connectionId: string, by: string): Promise<LoadEnd> {
  await releaseLease(connectionId, by)
  return { more: false }
}

/** The open load, or a new one if it is time and something waits. */
async function dueRun(connection: WarehouseConnection): Promise<Run | null> {
  const { id, state, loadAfter, copyStreams } = connection
  if (state === 'failed' || (loadAfter && loadAfter > new Date())) return null
  const open = await openLoadRun(id)
  if (open) return open
  const waiting = await db().loadLedger.count({ where: { connectionId: id, state: 'waiting' } })
  const hasModels = connection.modelsState === 'fresh' || connection.modelsProblem !== null
  if (waiting === 0 && copyStreams.length === 0 && state === 'ready' && hasModels) return null
  return findOrCreateLoadRun(connection, { trigger: 'schedule' })
}

/**
 * Schedules the next load by the cadence; a cancelled load is not repeated before. Does nothing if the connection was
 * saved again meanwhile, because then everything is loaded at once.
 */
export async function scheduleNextLoad({ id, userId, copy }: WarehouseConnection): Promise<void> {
  const connection = await db().warehouseConnection.findUnique({ where: { id }, include: { user: true } })
  if (!connection) return
  const when = { zone: connection.user.zone ?? 'UTC', listenerId: userId, after: new Date() }
  await db().warehouseConnection.updateMany({
    where: { id, copy },
    data: { loadAfter: nextLoadAt(connection.cadence, when) },
  })
}

/** @returns true when nothing is left to do */
async function loadWaiting(connection: WarehouseConnection, run: Run, warehouse: ExternalWarehouse): Promise<boolean> {
  const until = Date.now() + SESSION_MS
  const upgraded = connection.tablesVersion < TABLES_VERSION ? await upgradeExternal(connection, warehouse) : connection
  for (const stream of upgraded.copyStreams) {
    if (await isCancelled(run.id)) return true
    if (!(await isOwned(connection))) return false
    await copyStream(connection, run, stream, warehouse)
    if (Date.now() > until) return false
  }
  for (;;) {
    if (await isCancelled(run.id)) return true
    if (!(await isOwned(connection))) return false
    const entries = await oldestWaiting(connection.id)
    if (entries.length === 0) break
    await loadReads(connection, run, entries, warehouse)
    if (Date.now() > until) return false
  }
  const builtFrom = await dataVersionOf(connection)
  await loadPairing(connection, run, warehouse)
  await loadExclusions(connection, run, warehouse)
  await loadRecordings(connection, run, warehouse)
  await loadGenres(connection, run, warehouse)
  await buildExternal(connection, run, warehouse)
  await compareWithServing(connection, warehouse, builtFrom)
  await writeRunLog(connection, run, warehouse)
  if (preparesResults(connection.kind)) await prepareResults(connection.userId, warehouse)
  return true
}

/** A read that waits for a destination. */
type Waiting = LoadLedger & { read: StreamRead }

function oldestWaiting(connectionId: string): Promise<Waiting[]> {
  return db().loadLedger.findMany({
    where: { connectionId, state: 'waiting' },
    orderBy: { read: { completedAt: 'asc' } },
    take: READS_PER_FLUSH,
    include: { read: true },
  })
}

/**
 * Loads some reads and, once for all of them, the music that they describe. Then flushes the warehouse's ledger, and only
 * then records them as loaded.
 */
async function loadReads(
  connection: WarehouseConnection,
  run: Run,
  entries: Waiting[],
  warehouse: ExternalWarehouse,
): Promise<void> {
  const music = new MusicCollector()
  const loaded: { read: StreamRead; counts: LoadCounts; withoutRow: ItemsWithoutRow }[] = []
  for (const entry of entries) {
    const { read } = entry
    const withoutRow = noItemsWithoutRow()
    try {
      const stream = landedKindNamed(read.stream)
      const load = withCustomMethod(
        connection,
        stream,
        read,
        // Names from imports come from the embedded copy.
        await describeLoad(connection, entry, stream, withoutRow, stream.importedMusic ? new MusicCollector() : music),
      )
      loaded.push({ read, counts: await warehouse.load(load), withoutRow })
    } catch (error) {
      if (!affectsOnlyThisRead(error)) throw error
      await failRead(connection, run, read, error)
    }
  }
  await loadMusic(connection, music.loads({ runId: run.id }), warehouse)
  await warehouse.flush()
  for (const { read, counts, withoutRow } of loaded) {
    await recordLoaded(connection, read, counts, withoutRow, {
      alongside: (tx) => countLoaded(tx, run, read.stream, counts),
    })
  }
}

async function loadMusic(connection: WarehouseConnection, loads: Load[], warehouse: ExternalWarehouse): Promise<void> {
  for (const load of loads) await markExternalStale(db(), connection, [load.table], await warehouse.load(load))
}

/** A problem that a person has to fix in the warehouse stops all loads; a read that cannot be loaded stops only itself. */
function affectsOnlyThisRead(error: unknown): error is Failure {
  return error instanceof Stop && error.context.kind !== 'needs you'
}

/** Marks a read as failed for this warehouse only. "Re-run" of the load tries it again. */
async function failRead(connection: WarehouseConnection, run: Run, read: StreamRead, failure: Failure): Promise<void> {
  const details = { problem: failure.message, remedy: failure.remedy }
  log.error('a read could not be loaded into the external warehouse', {
    connectionId: connection.id,
    readId: read.id,
    ...failure.context,
    problem: failure.message,
    cause: messageOf(failure.cause),
  })
  await db().$transaction(async (tx) => {
    if (!(await lockIfOwned(tx, connection))) return
    await tx.loadLedger.updateMany({
      where: { readId: read.id, connectionId: connection.id },
      data: { ...details, state: 'failed', attempts: { increment: 1 } },
    })
  })
  await failStream(run, read.stream, details)
}
