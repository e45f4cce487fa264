import { MINUTE } from '#lib/core/clock.ts'
import { type Failure, messageOf, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import type { LoadCounts } from '#lib/core/table.ts'
import { db, type Run, type StreamRead, type WarehouseConnection } from '#lib/db.ts'
import { asFailure, type LoadEnd } from '#lib/load/failure.ts'
import { releaseLease } from '#lib/load/lease.ts'
import { recordLoaded } from '#lib/load/outcome.ts'
import { describeLoad } from '#lib/load/rows.ts'
import { prepareAnswers, wantsAnswers } from '#lib/query/prepared-results.ts'
import { refreshRunState } from '#lib/runs/runs.ts'
import { nextLoadAt, servingKind } from '#lib/storage/destinations.ts'
import { streamNamed } from '#lib/streams/index.ts'
import type { SnowflakeWarehouse } from '#lib/warehouse/snowflake/snowflake.ts'
import { recovered, waitForConnected } from './connection-state.ts'
import { copyStream } from './initial-copy.ts'
import { byOwnMethod } from './load-method.ts'
import { countLoaded, failStream, isCancelled, openLoadRun, startLoadRun, takeLoadRun } from './load-run.ts'
import { holdCurrent, isCurrent } from './ownership.ts'
import { compareWithServing } from './reconciliation.ts'
import { writeRunLog } from './run-log.ts'
import { inSession } from './session.ts'

/** One step of the job; what is left goes on in the next one. */
const SESSION_MS = 2 * MINUTE
/** So many reads at most are loaded again after a crash. */
const READS_PER_SETTLE = 20

/**
 * One session with a connected warehouse: everything that waits, oldest first, as far as the time allows; at its end
 * the tables are compared with the serving copy and the run log is written.
 * @throws Transient, for the job to repeat
 */
export async function loadConnected(connection: WarehouseConnection, by: string): Promise<LoadEnd> {
  const { id } = connection
  const run = await runToDo(connection)
  const questions = servingKind() === 'snowflake' && !isAway(connection) && (await wantsAnswers(connection.userId))
  if (!run && !questions) return leave(id, by)
  if (run && !(await startLoadRun(run.id))) {
    // Cancelled, and whoever did so may not have come to its end.
    await refreshRunState(run.id)
    return leave(id, by)
  }
  try {
    const tag: Record<string, string> = run ? { run: run.id, trigger: run.trigger } : { for: 'pages' }
    const done = await inSession(connection, { runId: run?.id ?? null, tag }, (warehouse) =>
      run ? loadWaiting(connection, run, warehouse) : answerOnly(connection, warehouse),
    )
    if (!done) return { more: true }
  } catch (thrown) {
    // What fails there says nothing about what was saved meanwhile.
    if (!(await isCurrent(connection))) return { more: true }
    const failure = asFailure(thrown)
    await waitForConnected(connection, failure)
    return { more: false }
  }
  await recovered(connection)
  await releaseLease(id, by)
  if (!run) return { more: false }
  await moveOn(connection)
  return (await refreshRunState(run.id)) ? { more: false, endedRun: run.id } : { more: false }
}

/** Nothing is tried before its time, or before the listener did something. */
function isAway({ state, loadAfter }: WarehouseConnection): boolean {
  return state === 'failed' || (state === 'waiting' && loadAfter !== null && loadAfter > new Date())
}

async function leave(connectionId: string, by: string): Promise<LoadEnd> {
  await releaseLease(connectionId, by)
  return { more: false }
}

/** The load that is open, or a new one when its time has come and something waits. */
async function runToDo(connection: WarehouseConnection): Promise<Run | null> {
  const { id, state, loadAfter, copyStreams } = connection
  if (state === 'failed' || (loadAfter && loadAfter > new Date())) return null
  const open = await openLoadRun(id)
  if (open) return open
  const waiting = await db().loadLedger.count({ where: { connectionId: id, state: 'waiting' } })
  if (waiting === 0 && copyStreams.length === 0 && state === 'ready') return null
  return takeLoadRun(connection, { trigger: 'schedule' })
}

/**
 * The next load comes with the cadence; a cancelled one is not begun again before. Whoever began anew meanwhile waits
 * for no cadence.
 */
export async function moveOn({ id, userId, copy }: Pick<WarehouseConnection, 'id' | 'userId' | 'copy'>): Promise<void> {
  const connection = await db().warehouseConnection.findUnique({ where: { id }, include: { user: true } })
  if (!connection) return
  const place = { zone: connection.user.zone ?? 'UTC', listenerId: userId, after: new Date() }
  await db().warehouseConnection.updateMany({
    where: { id, copy },
    data: { loadAfter: nextLoadAt(connection.cadence, place) },
  })
}

async function answerOnly(connection: WarehouseConnection, warehouse: SnowflakeWarehouse): Promise<boolean> {
  await prepareAnswers(connection.userId, warehouse)
  return true
}

/** @returns whether all is done */
async function loadWaiting(connection: WarehouseConnection, run: Run, warehouse: SnowflakeWarehouse): Promise<boolean> {
  const until = Date.now() + SESSION_MS
  for (const stream of connection.copyStreams) {
    if (await isCancelled(run.id)) return true
    if (!(await isCurrent(connection))) return false
    await copyStream(connection, run, stream, warehouse)
    if (Date.now() > until) return false
  }
  for (;;) {
    if (await isCancelled(run.id)) return true
    if (!(await isCurrent(connection))) return false
    const reads = await oldestWaiting(connection.id)
    if (reads.length === 0) break
    await loadReads(connection, run, reads, warehouse)
    if (Date.now() > until) return false
  }
  await compareWithServing(connection, warehouse)
  await writeRunLog(connection, run, warehouse)
  if (servingKind() === 'snowflake') await prepareAnswers(connection.userId, warehouse)
  return true
}

async function oldestWaiting(connectionId: string): Promise<StreamRead[]> {
  const entries = await db().loadLedger.findMany({
    where: { connectionId, state: 'waiting' },
    orderBy: { read: { completedAt: 'asc' } },
    take: READS_PER_SETTLE,
    include: { read: true },
  })
  return entries.map(({ read }) => read)
}

/** Loads some reads, makes the notes of them durable, and only then calls them loaded. */
async function loadReads(
  connection: WarehouseConnection,
  run: Run,
  reads: StreamRead[],
  warehouse: SnowflakeWarehouse,
): Promise<void> {
  const loaded: { read: StreamRead; counts: LoadCounts; rejected: Record<string, number> }[] = []
  for (const read of reads) {
    const rejected: Record<string, number> = {}
    try {
      const stream = streamNamed(read.stream)
      const load = byOwnMethod(connection, stream, read, await describeLoad(connection, read, stream, rejected))
      loaded.push({ read, counts: await warehouse.load(load), rejected })
    } catch (thrown) {
      if (!isOfTheRead(thrown)) throw thrown
      await failRead(connection, run, read, thrown)
    }
  }
  await warehouse.settle()
  for (const { read, counts, rejected } of loaded) {
    await recordLoaded(connection, read, counts, rejected, (tx) =>
      countLoaded(tx, { runId: run.id, userId: run.userId }, read.stream, counts),
    )
  }
}

/** What a person has to mend in Snowflake stops everything; a read that does not fit stops only itself. */
function isOfTheRead(thrown: unknown): thrown is Failure {
  return thrown instanceof Stop && thrown.context.kind !== 'needs you'
}

/** The serving copy and the next reads are not touched by it; "Re-run" of the load tries again. */
async function failRead(connection: WarehouseConnection, run: Run, read: StreamRead, failure: Failure): Promise<void> {
  const said = { problem: failure.message, remedy: failure.remedy }
  log.error('a read could not be loaded into the connected warehouse', {
    connectionId: connection.id,
    readId: read.id,
    ...failure.context,
    problem: failure.message,
    cause: messageOf(failure.cause),
  })
  await db().$transaction(async (tx) => {
    if (!(await holdCurrent(tx, connection))) return
    await tx.loadLedger.updateMany({
      where: { readId: read.id, connectionId: connection.id },
      data: { ...said, state: 'failed', attempts: { increment: 1 } },
    })
  })
  await failStream({ runId: run.id, userId: run.userId }, read.stream, said)
}
