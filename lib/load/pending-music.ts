import { type Failure, Wait } from '#lib/core/errors.ts'
import { db, type StreamRead, type WarehouseConnection } from '#lib/db.ts'
import { openEmbeddedCopy } from '#lib/storage/places.ts'
import { landedKindNamed } from '#lib/streams/index.ts'
import { asFailure, failRead, type LoadEnd, waitForWarehouse } from './failure.ts'
import { MusicCollector } from './music.ts'
import { collectMusic } from './rows.ts'

/**
 * The music of the reads that were loaded into an embedded warehouse is written for many reads together, when nothing
 * else waits: a page shows a list as soon as its own rows are loaded. Until then it lies in memory, and the ledger knows
 * of which reads it is. After a crash, it is collected from their landed pages again.
 */

/** How the music of a read is written: with `fill gaps`, the tables already hold that of newer reads. */
export type MusicMode = 'fill' | 'fill gaps'
const MODES: MusicMode[] = ['fill', 'fill gaps']

interface Collected {
  fill: MusicCollector
  'fill gaps': MusicCollector
  /** Whether the ledger may have other reads whose music is to be written: those of a process that died. */
  mayLack: boolean
}

/** By connection. */
const collected = new Map<string, Collected>()

/** Those that loaded last. For others the ledger is read. */
const MAX_CONNECTIONS = 1_000
/** About 12 MB. */
const MAX_ROWS = 20_000
const MAX_READS = 200

/** Keeps the music of a read until it is written. */
export function keepMusic(connectionId: string, mode: MusicMode, music: MusicCollector): void {
  const held = collected.get(connectionId) ?? startCollecting(connectionId, { mayLack: true })
  held[mode].take(music)
}

/** Forgets what is not written, because the listener is being deleted. */
export function forgetMusic(connectionId: string): void {
  collected.delete(connectionId)
}

/** Whether the music has to be written before more is collected. */
export function isMusicFull(connectionId: string): boolean {
  const held = collected.get(connectionId)
  return held !== undefined && (rowsOf(held) >= MAX_ROWS || readsOf(held) >= MAX_READS)
}

const rowsOf = (held: Collected) => MODES.reduce((sum, mode) => sum + held[mode].rows, 0)
const readsOf = (held: Collected) => MODES.reduce((sum, mode) => sum + held[mode].reads, 0)

/** Writes the music of all loaded reads. @returns null if there was none */
export async function writeMusic(connection: WarehouseConnection): Promise<LoadEnd | null> {
  const { id } = connection
  const held = collected.get(id)
  if (held && !held.mayLack && readsOf(held) === 0) return null
  const waiting = await db().loadLedger.findMany({
    where: { connectionId: id, state: 'loaded', music: { not: null } },
    orderBy: { loadedAt: 'asc' },
    take: MAX_READS + 1,
    include: { read: true },
  })
  const entries = waiting.slice(0, MAX_READS)
  try {
    for (const mode of MODES) {
      const reads = entries.filter(({ music }) => music === mode).map(({ read }) => read)
      if (reads.length > 0) await writeReads(connection, reads, { mode, music: held?.[mode] ?? new MusicCollector() })
    }
  } catch (error) {
    return unwritten(
      connection,
      entries.map(({ read }) => read),
      asFailure(error),
    )
  }
  await db().loadLedger.updateMany({
    where: { connectionId: id, readId: { in: entries.map(({ readId }) => readId) } },
    data: { music: null },
  })
  startCollecting(id, { mayLack: waiting.length > MAX_READS })
  return entries.length > 0 ? { more: true } : null
}

async function writeReads(
  connection: WarehouseConnection,
  reads: StreamRead[],
  { mode, music }: { mode: MusicMode; music: MusicCollector },
): Promise<void> {
  for (const read of reads) if (!music.has(read)) await collectMusic(read, landedKindNamed(read.stream), music)
  const warehouse = await openEmbeddedCopy(connection)
  const runId = reads.at(-1)?.streamRunId ?? ''
  for (const load of music.loads({ runId, older: mode === 'fill gaps' })) await warehouse.load(load)
}

async function unwritten(connection: WarehouseConnection, reads: StreamRead[], failure: Failure): Promise<LoadEnd> {
  collected.delete(connection.id)
  if (failure instanceof Wait) return waitForWarehouse(connection, failure)
  // Its next sync reads the stream again, and its music with it.
  let endedRun: string | undefined
  for (const read of reads) endedRun = (await failRead(connection, read, failure)).endedRun ?? endedRun
  await db().loadLedger.updateMany({
    where: { connectionId: connection.id, readId: { in: reads.map(({ id }) => id) } },
    data: { music: null },
  })
  return { more: true, ...(endedRun ? { endedRun } : {}) }
}

function startCollecting(connectionId: string, { mayLack }: Pick<Collected, 'mayLack'>): Collected {
  const fresh = { fill: new MusicCollector(), 'fill gaps': new MusicCollector(), mayLack }
  collected.delete(connectionId)
  collected.set(connectionId, fresh)
  for (const [oldest] of collected) if (collected.size > MAX_CONNECTIONS) collected.delete(oldest)
  return fresh
}
