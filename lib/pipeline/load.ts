import { MINUTE, utcDay } from '../clock.ts'
import { db, type Prisma, type StreamRead, type WarehouseConnection } from '../db.ts'
import { Failure, messageOf, Stop, Transient, Wait } from '../errors.ts'
import { log } from '../log.ts'
import { streamNamed } from '../streams/index.ts'
import { historyTable, type Stream, streamTable } from '../streams/stream.ts'
import type { LoadCounts, Row } from '../table.ts'
import type { Load } from '../warehouse/warehouse.ts'
import { bookmarkOf } from './extract-parts.ts'
import { hasDuckdb, landing, openWarehouse } from './places.ts'
import { endStreamRun, note, settleRun } from './runs.ts'

/** How a step of loading ended, for the job. */
export interface LoadEnd {
  more: boolean
  /** The run that ended with this load. */
  endedRun?: string
}

/** A loader that is silent for so long is dead, and another one may take its place. */
const LEASE_MS = 10 * MINUTE

/** The destinations of a listener that have something to load. */
export async function waitingConnections(userId?: string): Promise<string[]> {
  const connections = await db().warehouseConnection.findMany({
    where: { ...(userId ? { userId } : {}), ledger: { some: { state: 'waiting' } }, user: { erasingAt: null } },
    select: { id: true },
    take: 1_000,
  })
  return connections.map(({ id }) => id)
}

/**
 * Loads the oldest complete read that waits for a destination. One loader a destination at a time: the others leave,
 * because the one who is at it looks again before it leaves.
 * @param by names the job, so that its repetition keeps its turn
 * @throws Transient, for the job to repeat
 */
export async function loadNext(connectionId: string, by: string): Promise<LoadEnd> {
  const connection = await takeTurn(connectionId, by)
  if (!connection) {
    await dropTurn(connectionId, by)
    return { more: false }
  }
  await rebuildIfGone(connection)
  const entry = await db().loadLedger.findFirst({
    where: { connectionId, state: 'waiting' },
    orderBy: { read: { completedAt: 'asc' } },
    include: { read: true },
  })
  if (!entry) {
    const { endedRun } = await finishLoaded(connectionId)
    return endedRun ? { more: true, endedRun } : { more: !(await leave(connectionId, by)) }
  }
  return loadRead(connection, entry.read)
}

async function takeTurn(connectionId: string, by: string): Promise<WarehouseConnection | null> {
  const now = new Date()
  const { count } = await db().warehouseConnection.updateMany({
    where: {
      id: connectionId,
      user: { erasingAt: null },
      OR: [{ loadingUntil: null }, { loadingUntil: { lt: now } }, { loadingBy: by }],
    },
    data: { loadingUntil: new Date(now.getTime() + LEASE_MS), loadingBy: by },
  })
  return count === 1 ? db().warehouseConnection.findUniqueOrThrow({ where: { id: connectionId } }) : null
}

/** While everything of a listener is deleted nothing is loaded, and whoever had the turn must not keep it. */
async function dropTurn(connectionId: string, by: string): Promise<void> {
  await db().warehouseConnection.updateMany({
    where: { id: connectionId, loadingBy: by },
    data: { loadingUntil: null, loadingBy: null },
  })
}

/** Gives the turn back, unless something came meanwhile. @returns whether it was given back */
async function leave(connectionId: string, by: string): Promise<boolean> {
  const { count } = await db().warehouseConnection.updateMany({
    where: { id: connectionId, loadingBy: by, ledger: { none: { state: 'waiting' } } },
    data: { loadingUntil: null, loadingBy: null },
  })
  return count === 1
}

/** Finds embedded warehouses whose file was taken away; what they held waits to be loaded again. */
export async function rebuildMissing(): Promise<void> {
  const loaded = await db().warehouseConnection.findMany({
    where: { kind: 'duckdb', loadingUntil: null, ledger: { some: { state: 'loaded' } } },
  })
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
  const stream = streamNamed(read.stream)
  const rejected: Record<string, number> = {}
  try {
    const load = await describeLoad(connection, read, stream, rejected)
    const warehouse = await openWarehouse(connection)
    const counts = await warehouse.load(load)
    await recordLoaded(connection, read, counts, rejected)
  } catch (thrown) {
    return recover(connection, read, thrown)
  }
  const endedRun = read.streamRunId ? await finishStreamRun(read.streamRunId) : null
  return { more: true, ...(endedRun ? { endedRun } : {}) }
}

async function describeLoad(
  connection: WarehouseConnection,
  read: StreamRead,
  stream: Stream,
  rejected: Record<string, number>,
): Promise<Load> {
  const newer = await db().loadLedger.count({
    where: {
      connectionId: connection.id,
      state: 'loaded',
      read: { stream: read.stream, scope: 'whole', syncedAt: { gt: read.syncedAt } },
    },
  })
  const history = historyTable(stream)
  const base = {
    readId: read.id,
    runId: read.streamRunId ?? '',
    stream: stream.name,
    table: streamTable(stream),
    rows: rowsOf(read, stream, rejected),
    historyOnly: stream.load === 'overwrite' && newer > 0,
  }
  const withHistory =
    history && stream.history?.kind === 'daily'
      ? { ...base, history: { kind: 'daily' as const, table: history, day: utcDay(read.syncedAt) } }
      : history && stream.history?.kind === 'changes'
        ? {
            ...base,
            history: {
              kind: 'changes' as const,
              table: history,
              seenAt: read.syncedAt.toISOString(),
              carry: stream.history.carry,
            },
          }
        : base
  if (read.scope === 'head') return { ...withHistory, mode: 'merge' }
  if (read.scope === 'whole') return { ...withHistory, mode: stream.load }
  const parts = await db().readPart.findMany({
    where: { readId: read.id, state: { in: ['done', 'gone'] } },
    select: { part: true },
  })
  return {
    ...withHistory,
    mode: 'replace part',
    parts: { column: stream.partsOf?.column ?? '', values: parts.map(({ part }) => part) },
  }
}

/** The rows of a read, a batch a landed page, in Spotify's order. */
async function* rowsOf(read: StreamRead, stream: Stream, rejected: Record<string, number>): AsyncGenerator<Row[]> {
  const objects = await db().landedObject.findMany({
    where: { readId: read.id, outcome: { in: ['landed', 'loaded'] } },
    orderBy: { page: 'asc' },
    select: { path: true, part: true },
  })
  const before = new Map<string | null, number>()
  let kept = 0
  for (const { path, part } of objects) {
    const page = stream.page(JSON.parse(await landedText(path)))
    const pagesBefore = before.get(part) ?? 0
    before.set(part, pagesBefore + 1)
    const rows = page.items.flatMap((item, index) => {
      const rank = pagesBefore * stream.limit + index + 1
      const row = stream.row(item, { rank, syncedAt: read.syncedAt.toISOString(), part })
      if (!isRejected(row)) return [row]
      const reason = row.rejected
      rejected[reason] = (rejected[reason] ?? 0) + 1
      return []
    })
    kept += rows.length
    yield rows
  }
  if (kept === 0 && read.items > 0 && read.scope === 'whole') {
    // A changed form of answer must not empty a table.
    throw new Stop(`None of the ${read.items} items could be kept`, {
      remedy:
        'The rows stay as they were. Report it with "Copy for a bug report": Spotify may have changed its answers.',
      context: { place: 'landing', rejected },
    })
  }
}

function isRejected(row: Row | { rejected: string }): row is { rejected: string } {
  return 'rejected' in row && Object.keys(row).length === 1
}

/** A damaged or missing object, marked as such: only reading Spotify again helps. */
async function landedText(path: string): Promise<string> {
  try {
    return await landing().get(path)
  } catch (thrown) {
    if (!(thrown instanceof Stop)) throw thrown
    const { message, remedy, context } = thrown
    throw new Stop(message, { remedy, cause: thrown, context: { ...context, place: 'landing' } })
  }
}

async function recordLoaded(
  connection: WarehouseConnection,
  read: StreamRead,
  counts: LoadCounts,
  rejected: Record<string, number>,
): Promise<void> {
  const rows = {
    rowsNew: counts.new,
    rowsChanged: counts.changed,
    rowsUnchanged: counts.unchanged,
    rowsRemoved: counts.removed,
  }
  const key = { readId: read.id, connectionId: connection.id }
  await db().$transaction(async (tx) => {
    const before = await tx.loadLedger.findUniqueOrThrow({ where: { readId_connectionId: key } })
    const { count } = await tx.loadLedger.updateMany({
      where: { ...key, state: 'waiting' },
      data: { state: 'loaded', loadedAt: new Date(), problem: null, remedy: null, attempts: { increment: 1 }, ...rows },
    })
    if (count === 0) return
    const waiting = await tx.loadLedger.count({ where: { readId: read.id, state: 'waiting' } })
    if (waiting === 0)
      await tx.landedObject.updateMany({ where: { readId: read.id, outcome: 'landed' }, data: { outcome: 'loaded' } })
    await tx.warehouseConnection.update({
      where: { id: connection.id },
      data: { state: 'ready', problem: null, remedy: null },
    })
    if (connection.kind !== 'duckdb') return
    await tx.user.update({ where: { id: read.userId }, data: { dataVersion: { increment: 1 }, dataAsOf: new Date() } })
    // A rebuild loads what its run counted long ago.
    if (!before.loadedAt && read.streamRunId) await countRows(tx, read.streamRunId, counts, rejected)
  })
}

/** The stream run shows what its loads did to the embedded copy, which the pages read. */
async function countRows(
  tx: Prisma.TransactionClient,
  streamRunId: string,
  counts: LoadCounts,
  rejected: Record<string, number>,
) {
  const { rejected: earlier } = await tx.streamRun.findUniqueOrThrow({ where: { id: streamRunId } })
  const sum = { ...((earlier ?? {}) as Record<string, number>) }
  for (const [reason, count] of Object.entries(rejected)) sum[reason] = (sum[reason] ?? 0) + count
  await tx.streamRun.update({
    where: { id: streamRunId },
    data: {
      rowsNew: { increment: counts.new },
      rowsChanged: { increment: counts.changed },
      rowsUnchanged: { increment: counts.unchanged },
      rowsRemoved: { increment: counts.removed },
      rejected: sum,
    },
  })
}

/**
 * Ends stream runs whose reads are loaded already: the load may have been quicker than the end of the slice that read
 * them, or the loader may have died right after it.
 */
async function finishLoaded(connectionId: string): Promise<{ endedRun?: string }> {
  const { userId } = await db().warehouseConnection.findUniqueOrThrow({ where: { id: connectionId } })
  const loaded = await db().streamRun.findMany({
    where: {
      userId,
      state: { in: ['running', 'waiting'] },
      phase: 'loading',
      reads: { none: { ledger: { some: { state: 'waiting' } } } },
    },
    select: { id: true },
  })
  for (const { id } of loaded) {
    const endedRun = await finishStreamRun(id)
    if (endedRun) return { endedRun }
  }
  return {}
}

/** Ends the stream run once all that it read is on the pages. @returns the run, if it ended with it */
async function finishStreamRun(streamRunId: string): Promise<string | null> {
  const streamRun = await db().streamRun.findUniqueOrThrow({
    where: { id: streamRunId },
    include: {
      reads: { where: { state: 'complete' }, include: { ledger: { include: { connection: true } }, parts: true } },
    },
  })
  const waits = streamRun.reads.some(({ ledger }) =>
    ledger.some(({ state, connection }) => state === 'waiting' && connection.kind === 'duckdb'),
  )
  if (waits || !streamRun.extractedAt || streamRun.instants.length > 0) return null
  const unsettled = streamRun.reads.flatMap(({ parts }) => parts).filter(({ state }) => state === 'unsettled').length
  const ended = await endStreamRun(
    streamRunId,
    unsettled === 0
      ? { state: 'succeeded' }
      : {
          state: 'incomplete',
          problem: `${unsettled} playlist(s) changed each time they were read`,
          remedy: 'Their rows stay as they were; the next run tries again.',
        },
  )
  return ended ? streamRun.runId : null
}

function isLandingTrouble(failure: Failure): boolean {
  return failure.context.place === 'landing'
}

async function recover(connection: WarehouseConnection, read: StreamRead, thrown: unknown): Promise<LoadEnd> {
  const failure =
    thrown instanceof Failure
      ? thrown
      : new Stop(`The load failed: ${messageOf(thrown)}`, {
          remedy: 'Press "Re-run" on the run; report it if it stays.',
          cause: thrown,
        })
  log.error('load failed', {
    connectionId: connection.id,
    readId: read.id,
    problem: failure.message,
    ...failure.context,
    cause: messageOf(failure.cause),
  })
  if (failure instanceof Transient) throw failure
  const said = { problem: failure.message, remedy: failure.remedy }
  await db().loadLedger.update({
    where: { readId_connectionId: { readId: read.id, connectionId: connection.id } },
    data: { ...said, attempts: { increment: 1 }, ...(isLandingTrouble(failure) ? { state: 'failed' as const } : {}) },
  })
  if (isLandingTrouble(failure)) {
    await readAgainNextTime(read)
    const endedRun = read.streamRunId ? await endByLoad(read.streamRunId, said) : null
    return { more: true, ...(endedRun ? { endedRun } : {}) }
  }
  await db().warehouseConnection.update({
    where: { id: connection.id },
    data: { state: failure instanceof Wait ? 'waiting' : 'failed', ...said, loadingUntil: null, loadingBy: null },
  })
  return waitForWarehouse(connection, failure)
}

/** What was landed stays where it is; the next run asks Spotify anew instead of saying "nothing new". */
async function readAgainNextTime(read: StreamRead): Promise<void> {
  const { userId, stream } = read
  const parts = await db().readPart.findMany({ where: { readId: read.id } })
  await db().$transaction([
    db().streamRead.update({ where: { id: read.id }, data: { state: 'abandoned' } }),
    db().landedObject.updateMany({ where: { readId: read.id }, data: { outcome: 'failed' } }),
    db().bookmark.deleteMany({
      where: { userId, stream, ...(read.scope === 'parts' ? { name: { in: parts.map(bookmarkOf) } } : {}) },
    }),
    // Known in no version: a part that is there is read anew, the rows of one that is gone are taken away.
    db().bookmark.createMany({ data: parts.map((part) => ({ userId, stream, name: bookmarkOf(part), value: '' })) }),
  ])
}

async function endByLoad(streamRunId: string, said: { problem: string; remedy: string }): Promise<string | null> {
  const { runId } = await db().streamRun.findUniqueOrThrow({ where: { id: streamRunId } })
  return (await endStreamRun(streamRunId, { state: 'failed', ...said })) ? runId : null
}

/** The destination is away: its reads wait, and every stream run that waits for it says why and until when. */
async function waitForWarehouse({ id, kind }: WarehouseConnection, failure: Failure): Promise<LoadEnd> {
  if (kind !== 'duckdb') return { more: false }
  const said = { problem: failure.message, remedy: failure.remedy }
  const waiting = await db().streamRun.findMany({
    where: {
      state: { in: ['running', 'waiting'] },
      phase: 'loading',
      reads: { some: { ledger: { some: { connectionId: id, state: 'waiting' } } } },
    },
    select: { id: true, runId: true },
  })
  let endedRun: string | null = null
  for (const { id: streamRunId, runId } of waiting) {
    if (failure instanceof Wait) {
      const data = { state: 'waiting' as const, waitingUntil: failure.until, ...said }
      await db().streamRun.updateMany({ where: { id: streamRunId, state: { in: ['running', 'waiting'] } }, data })
      await note(streamRunId, 'warn', `${failure.message}. What was read waits in the landing zone.`)
      await settleRun(runId)
    } else endedRun = (await endByLoad(streamRunId, said)) ?? endedRun
  }
  return { more: false, ...(endedRun ? { endedRun } : {}) }
}
