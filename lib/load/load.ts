import { Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { toFailure } from '#lib/core/to-failure.ts'
import { db, type LoadLedger, type StreamRead, type WarehouseConnection } from '#lib/db.ts'
import { hasEmbeddedCopy, hasWarehouseFolder, openEmbeddedCopy } from '#lib/storage/places.ts'
import { landedKindNamed } from '#lib/streams/index.ts'
import type { LandedKind } from '#lib/streams/stream.ts'
import { EMBEDDED_KIND, warehouseFacts } from '#lib/warehouse/facts.ts'
import type { Load, Warehouse } from '#lib/warehouse/warehouse.ts'
import { buildIfStale } from './build.ts'
import { loadExternal } from './external/load-session.ts'
import { asFailure, failRead, type LoadEnd, waitForWarehouse } from './failure.ts'
import { acquireLease, releaseLease, releaseLeaseIfIdle, serializeJob } from './lease.ts'
import { MusicCollector } from './music.ts'
import { finishLoaded, finishStreamRun, recordLoaded } from './outcome.ts'
import { forgetMusic, isMusicFull, keepMusic, writeMusic } from './pending-music.ts'
import { collectMusic, describeLoad, noItemsWithoutRow } from './rows.ts'
import { upgradeTables } from './upgrade.ts'

/**
 * Loads what is waiting for a destination: the oldest read into an embedded warehouse, or as much as a session has time for
 * into an external one. Does nothing while another job is loading, because that one checks for new reads at its end.
 * @param by names the job, so that its repetition keeps the lease
 * @throws Transient, for the job to repeat
 */
export function loadNext(connectionId: string, by: string): Promise<LoadEnd> {
  return toFailure({ connectionId }, () => serializeJob(connectionId, by, () => loadOnce(connectionId, by)))
}

async function loadOnce(connectionId: string, by: string): Promise<LoadEnd> {
  const connection = await acquireLease(connectionId, by)
  if (!connection) {
    // This job may hold the lease of a listener who is being erased, and must not keep it.
    forgetMusic(connectionId)
    await releaseLease(connectionId, by)
    return { more: false }
  }
  if (warehouseFacts[connection.kind].loadsOnCadence) return loadExternal(connection, by)
  await rebuildIfGone(connection)
  if (isMusicFull(connectionId)) return (await writeMusic(connection)) ?? { more: true }
  const entry = await db().loadLedger.findFirst({
    where: { connectionId, state: 'waiting' },
    orderBy: { read: { completedAt: 'asc' } },
    include: { read: true },
  })
  try {
    await upgradeTables(connection, entry?.read.streamRunId ?? null)
  } catch (error) {
    return waitForWarehouse(connection, asFailure(error))
  }
  if (!entry) {
    const { endedRun } = await finishLoaded(connectionId)
    if (endedRun) return { more: true, endedRun }
    const written = await writeMusic(connection)
    if (written) return written
    const models = await buildIfStale(connection)
    if ('built' in models) return { more: true }
    return { more: !(await releaseLeaseIfIdle(connectionId, by, models.state)) }
  }
  return loadRead(connection, entry)
}

const MAX_CHECKS = 500
/** Where the next tick continues. Each checks a few, so that its cost does not grow with the number of listeners. */
let lastCheckedId = ''

/** Finds embedded warehouses whose file was deleted, and lets everything they held be loaded again. */
export async function rebuildMissing(): Promise<void> {
  // If the whole folder is missing, its disk is probably not mounted.
  if (!hasWarehouseFolder()) return
  const loaded = await db().warehouseConnection.findMany({
    where: {
      id: { gt: lastCheckedId },
      kind: EMBEDDED_KIND,
      OR: [{ loadingUntil: null }, { loadingUntil: { lt: new Date() } }],
      ledger: { some: { state: 'loaded' } },
    },
    orderBy: { id: 'asc' },
    take: MAX_CHECKS,
  })
  lastCheckedId = loaded.length === MAX_CHECKS ? (loaded.at(-1)?.id ?? '') : ''
  for (const connection of loaded) await rebuildIfGone(connection)
}

/** If the file of an embedded warehouse was deleted, everything ever landed is loaded again, oldest first. */
async function rebuildIfGone({ id, kind, userId }: WarehouseConnection): Promise<void> {
  if (!warehouseFacts[kind].embedded || hasEmbeddedCopy(userId)) return
  const { count } = await db().loadLedger.updateMany({
    where: { connectionId: id, state: 'loaded' },
    data: { state: 'waiting' },
  })
  if (count > 0) log.warn('the warehouse file is missing, loading everything again', { connectionId: id, reads: count })
}

async function loadRead(connection: WarehouseConnection, entry: LoadLedger & { read: StreamRead }): Promise<LoadEnd> {
  const { read } = entry
  let warehouse: Warehouse
  try {
    warehouse = await openEmbeddedCopy(connection)
  } catch (error) {
    return waitForWarehouse(connection, asFailure(error))
  }
  const withoutRow = noItemsWithoutRow()
  try {
    const stream = landedKindNamed(read.stream)
    const music = new MusicCollector()
    const load = await describeLoad(connection, entry, stream, withoutRow, music)
    const counts = await warehouse.load(load)
    if (stream.importedMusic) await loadImportedMusic(warehouse, load, { read, stream, music })
    const musicMode = stream.music ? (load.historyOnly ? 'fill gaps' : 'fill') : null
    await recordLoaded(connection, read, counts, withoutRow, { music: musicMode })
    if (musicMode) keepMusic(connection.id, musicMode, music)
  } catch (error) {
    const failure = asFailure(error)
    return failure instanceof Wait ? waitForWarehouse(connection, failure) : failRead(connection, read, failure)
  }
  const endedRun = read.streamRunId ? await finishStreamRun(read.streamRunId) : null
  return { more: true, ...(endedRun ? { endedRun } : {}) }
}

/** What an import says about music replaces what it said before, so it is written with its plays. */
async function loadImportedMusic(
  warehouse: Warehouse,
  { readId, runId, parts }: Load,
  { read, stream, music }: { read: StreamRead; stream: LandedKind; music: MusicCollector },
): Promise<void> {
  if (!music.has(read)) await collectMusic(read, stream, music)
  const imports = parts?.values ?? [read.id]
  for (const load of music.importedLoads({ loadId: readId, runId, imports })) await warehouse.load(load)
}
