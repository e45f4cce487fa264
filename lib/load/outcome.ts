import type { LoadCounts } from '#lib/core/table.ts'
import {
  db,
  type PartState,
  type Prisma,
  type ReadPart,
  type StreamRead,
  type StreamRun,
  type WarehouseConnection,
} from '#lib/db.ts'
import { endStreamRun, type StreamOutcome } from '#lib/runs/runs.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { streamNamed } from '#lib/streams/index.ts'
import { holdCurrent } from './external/ownership.ts'
import { missingParts } from './missing-parts.ts'
import { missingPlays } from './missing-plays.ts'

/**
 * Notes that a read is in a destination; the pages that are served from it see it from here on.
 * @param also what has to become true together with it
 */
export async function recordLoaded(
  connection: WarehouseConnection,
  read: StreamRead,
  counts: LoadCounts,
  rejected: Record<string, number>,
  also: (tx: Prisma.TransactionClient) => Promise<void> = async () => undefined,
): Promise<void> {
  const rows = {
    rowsNew: counts.new,
    rowsChanged: counts.changed,
    rowsUnchanged: counts.unchanged,
    rowsRemoved: counts.removed,
  }
  const key = { readId: read.id, connectionId: connection.id }
  await db().$transaction(async (tx) => {
    if (connection.kind === 'snowflake' && !(await holdCurrent(tx, connection))) return
    const before = await tx.loadLedger.findUnique({ where: { readId_connectionId: key } })
    // The connection was taken away while it loaded.
    if (!before) return
    const { count } = await tx.loadLedger.updateMany({
      where: { ...key, state: 'waiting' },
      data: { state: 'loaded', loadedAt: new Date(), problem: null, remedy: null, attempts: { increment: 1 }, ...rows },
    })
    if (count === 0) return
    const waiting = await tx.loadLedger.count({ where: { readId: read.id, state: 'waiting' } })
    if (waiting === 0)
      await tx.landedObject.updateMany({ where: { readId: read.id, outcome: 'landed' }, data: { outcome: 'loaded' } })
    await also(tx)
    if (connection.kind === 'duckdb')
      await tx.warehouseConnection.update({
        where: { id: connection.id },
        data: { state: 'ready', problem: null, remedy: null },
      })
    if (connection.kind !== servingKind()) return
    await tx.user.update({ where: { id: read.userId }, data: { dataVersion: { increment: 1 }, dataAsOf: new Date() } })
    // A rebuild loads what its run counted long ago; a load into the connected warehouse is a run of its own.
    if (connection.kind === 'duckdb' && !before.loadedAt && read.streamRunId)
      await countRows(tx, read.streamRunId, counts, rejected)
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
export async function finishLoaded(connectionId: string): Promise<{ endedRun?: string }> {
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
export async function finishStreamRun(streamRunId: string): Promise<string | null> {
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
  const ended = await endStreamRun(streamRunId, await outcomeOf(streamRun))
  return ended ? streamRun.runId : null
}

type Finished = StreamRun & { reads: (StreamRead & { parts: ReadPart[] })[] }

async function outcomeOf({ stream, reads }: Finished): Promise<StreamOutcome> {
  const hole = streamNamed(stream).polled ? await missingPlays(reads) : null
  if (hole) return hole
  const count = (state: PartState) => reads.flatMap(({ parts }) => parts).filter((part) => part.state === state).length
  const unsettled = count('unsettled')
  const missing = count('refused') > 0 ? await Promise.all(reads.map(missingParts)) : []
  const refused = missing.reduce((sum, { size }) => sum + size, 0)
  return unsettled + refused === 0 ? { state: 'succeeded' } : withoutParts(unsettled, refused)
}

function withoutParts(unsettled: number, refused: number): StreamOutcome {
  const playlists = (count: number) => (count === 1 ? '1 playlist' : `${count} playlists`)
  const problems = [
    ...(refused > 0 ? [`Spotify did not show ${playlists(refused)}`] : []),
    ...(unsettled > 0
      ? [`${playlists(unsettled)} changed each time ${unsettled === 1 ? 'it was' : 'they were'} read`]
      : []),
  ]
  return {
    state: 'incomplete',
    problem: problems.join('; '),
    remedy: `The rows of those stay as they were; the next run tries again.${
      refused > 0 ? ' If it stays so, open them in Spotify: their owner may have made them private.' : ''
    }`,
  }
}
