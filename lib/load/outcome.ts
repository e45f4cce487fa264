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
import { removesImport, requeueImports } from '#lib/pairing/undo-import.ts'
import { endStreamRun, type StreamOutcome } from '#lib/runs/runs.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'
import { landedKindNamed, streamNamed } from '#lib/streams/index.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { tablesOf } from '#lib/streams/stream.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { UNCHANGED } from './build.ts'
import { markExternalStale } from './external/models.ts'
import { lockIfOwned } from './lease.ts'
import { missingParts } from './missing-parts.ts'
import type { MusicMode } from './pending-music.ts'
import type { ItemsWithoutRow } from './rows.ts'

interface Recorded {
  /** How the music of the read is still to be written, if it is. */
  music?: MusicMode | null
  /** Further writes of the same transaction. */
  alongside?: (tx: Prisma.TransactionClient) => Promise<void>
}

/** Records that a destination has a read. From now on the pages served from that destination show it. */
export async function recordLoaded(
  connection: WarehouseConnection,
  read: StreamRead,
  counts: LoadCounts,
  withoutRow: ItemsWithoutRow,
  { music = null, alongside }: Recorded = {},
): Promise<void> {
  const rows = {
    rowsNew: counts.new,
    rowsChanged: counts.changed,
    rowsUnchanged: counts.unchanged,
    rowsRemoved: counts.removed,
  }
  const key = { readId: read.id, connectionId: connection.id }
  const { loadsOnCadence } = warehouseFacts[connection.kind]
  await db().$transaction(async (tx) => {
    if (loadsOnCadence && !(await lockIfOwned(tx, connection))) return
    const before = await tx.loadLedger.findUnique({ where: { readId_connectionId: key } })
    // The connection was deleted during the load.
    if (!before) return
    const { count } = await tx.loadLedger.updateMany({
      where: { ...key, state: 'waiting' },
      data: {
        state: 'loaded',
        loadedAt: new Date(),
        problem: null,
        remedy: null,
        attempts: { increment: 1 },
        music,
        ...rows,
      },
    })
    if (count === 0) return
    const waiting = await tx.loadLedger.count({ where: { readId: read.id, state: 'waiting' } })
    if (waiting === 0)
      await tx.landedObject.updateMany({ where: { readId: read.id, outcome: 'landed' }, data: { outcome: 'loaded' } })
    await alongside?.(tx)
    if (!loadsOnCadence)
      await tx.warehouseConnection.update({
        where: { id: connection.id },
        data: { state: 'ready', problem: null, remedy: null },
      })
    if (removesImport(read)) await requeueImports(tx, { connectionId: connection.id, stream: read.stream })
    if (loadsOnCadence) await markExternalStale(tx, connection, tablesOf(landedKindNamed(read.stream)), counts)
    else await markStale(tx, connection, read, counts)
    if (connection.kind !== servingKind()) return
    await tx.user.update({ where: { id: read.userId }, data: { dataVersion: { increment: 1 }, dataAsOf: new Date() } })
    // A rebuild loads what its run has counted before, and a load into an external warehouse is a run of its own.
    if (!loadsOnCadence && !before.loadedAt && read.streamRunId)
      await addRowCounts(tx, read.streamRunId, counts, withoutRow)
  })
}

/** The streams whose rows are plays. */
const PLAYS = [recentlyPlayed.name, importedPlays.name]

/** Lets the models be built again if the load changed rows. Other streams than plays describe the music that was played. */
async function markStale(
  tx: Prisma.TransactionClient,
  { id }: WarehouseConnection,
  { stream }: StreamRead,
  counts: LoadCounts,
): Promise<void> {
  // An import also brings and takes names, whatever becomes of its plays.
  if (counts.new + counts.changed + counts.removed === 0 && stream !== importedPlays.name) return
  const where = {
    id,
    modelsState: { in: PLAYS.includes(stream) ? [...UNCHANGED, 'stale'] : [...UNCHANGED] },
  }
  await tx.warehouseConnection.updateMany({
    where,
    data: {
      modelsState: PLAYS.includes(stream) ? 'urgent' : 'stale',
      // An import waits for the build that has its plays, also if the one before failed.
      ...(stream === importedPlays.name ? { modelsProblem: null } : {}),
    },
  })
}

/** Adds the counts of a load into the embedded copy to the stream run. */
async function addRowCounts(
  tx: Prisma.TransactionClient,
  streamRunId: string,
  counts: LoadCounts,
  { rejected, duplicates }: ItemsWithoutRow,
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
      duplicates: { increment: duplicates },
    },
  })
}

/**
 * Ends stream runs whose reads are loaded already: the load may have been faster than the end of their last slice, or
 * the loader may have died right after the load.
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

/** Ends the stream run if everything it read is loaded. @returns the id of the run, if the run ended too */
export async function finishStreamRun(streamRunId: string): Promise<string | null> {
  const streamRun = await db().streamRun.findUniqueOrThrow({
    where: { id: streamRunId },
    include: {
      reads: { where: { state: 'complete' }, include: { ledger: { include: { connection: true } }, parts: true } },
    },
  })
  const isWaiting = streamRun.reads.some(({ ledger }) =>
    ledger.some(({ state, connection }) => state === 'waiting' && !warehouseFacts[connection.kind].loadsOnCadence),
  )
  if (isWaiting || !streamRun.extractedAt || streamRun.instants.length > 0) return null
  const ended = await endStreamRun(streamRunId, await outcomeOf(streamRun))
  return ended ? streamRun.runId : null
}

type Finished = StreamRun & { reads: (StreamRead & { parts: ReadPart[] })[] }

async function outcomeOf({ stream, reads }: Finished): Promise<StreamOutcome> {
  const hole = streamNamed(stream).polled ? await missingPlays(reads) : null
  if (hole) return hole
  const isEmptied = reads.some(({ withheld, items, expected }) => {
    const shortfall = Math.max(0, (expected ?? items) - items)
    return withheld !== null && withheld > 0 && withheld - shortfall >= items
  })
  if (isEmptied && !streamNamed(stream).expectsWithheld)
    return {
      state: 'incomplete',
      problem: 'Spotify sent the list without the details of its items',
      remedy: 'The existing rows are kept; the next sync checks again.',
    }
  const count = (state: PartState) => reads.flatMap(({ parts }) => parts).filter((part) => part.state === state).length
  const unsettled = count('unsettled')
  const unconfirmed = count('unconfirmed')
  const missing = count('refused') > 0 ? await Promise.all(reads.map(missingParts)) : []
  const refused = missing.reduce((sum, { size }) => sum + size, 0)
  return unsettled + refused + unconfirmed === 0
    ? { state: 'succeeded' }
    : incompleteOutcome({ unsettled, refused, unconfirmed })
}

const minuteOf = (at: Date) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** How a stream run ends whose poll does not overlap the one before, so that plays between the two may be lost. */
async function missingPlays(reads: StreamRead[]): Promise<StreamOutcome | null> {
  const hole = await db().poll.findFirst({ where: { id: { in: reads.map(({ id }) => id) }, overlapped: false } })
  if (!hole) return null
  const before = await db().poll.findFirst({
    where: { userId: hole.userId, at: { lt: hole.at }, newest: { not: null } },
    orderBy: { at: 'desc' },
  })
  const since = before?.newest ? `between ${minuteOf(before.newest)} and` : 'before'
  return {
    state: 'incomplete',
    problem: `Plays ${since} ${minuteOf(hole.oldest ?? hole.at)} may be missing`,
    remedy:
      'Spotify only returns the last 50 plays, so these can no longer be fetched. "Every 15 minutes" in Settings makes this less likely.',
  }
}

function incompleteOutcome({
  unsettled,
  refused,
  unconfirmed,
}: Record<'unsettled' | 'refused' | 'unconfirmed', number>): StreamOutcome {
  const playlists = (count: number) => (count === 1 ? '1 playlist' : `${count} playlists`)
  const problems = [
    ...(refused > 0 ? [`Spotify did not return ${playlists(refused)}`] : []),
    ...(unsettled > 0
      ? [`${playlists(unsettled)} changed each time ${unsettled === 1 ? 'it was' : 'they were'} read`]
      : []),
    ...(unconfirmed > 0 ? [`${playlists(unconfirmed)} came back without most or all items`] : []),
  ]
  return {
    state: 'incomplete',
    problem: problems.join('; '),
    remedy: `The last synced data of those playlists is kept; the next sync tries again.${
      unconfirmed > 0 ? ' Missing songs are removed once a later sync gets the same result.' : ''
    }${refused > 0 ? ' If this persists, open them in Spotify: their owner may have made them private.' : ''}`,
  }
}
