import { WHAT_TO_UPLOAD } from '#lib/api/import-labels.ts'
import type { ImportQuestion } from '#lib/api/imports.ts'
import { MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { Failure, messageOf, Stop, Transient, Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type Import, type ImportMember, Prisma, type StreamRead } from '#lib/db.ts'
import { pairedShare } from '#lib/pairing/paired-share.ts'
import { receiptOf } from '#lib/pairing/receipt.ts'
import { removalReadId, undoImport } from '#lib/pairing/undo-import.ts'
import { servingConnections } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy } from '#lib/storage/places.ts'
import { IMPORTED_KINDS, importReadId } from '#lib/streams/imported-kinds.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { completeRead, markLanded, openRead, removeLanded } from './land-import.ts'
import { Cancelled, type Hold, withLease } from './lease.ts'
import { otherReceiptOf } from './other-receipt.ts'
import { readPlaylist } from './playlist-chart.ts'
import { readFiles } from './read-files.ts'
import { handOver } from './repeats.ts'
import { removeSpool } from './spool.ts'
import { NOT_UPLOADING } from './upload.ts'

/**
 * The work on an import: read its files, land their plays, have them loaded, and write the receipt. Every step can
 * be repeated, so a job that died anywhere is continued by the next one.
 */

/** How a call ended. */
interface ImportEnd {
  /** Connections whose load is to be requested. */
  connections: string[]
}

const NOTHING_TO_LOAD: ImportEnd = { connections: [] }

/**
 * Continues an import as far as it can go now.
 * @param by names the job
 * @throws Transient, for the job to repeat
 */
export async function runImport(importId: string, by: string): Promise<ImportEnd> {
  const end = (await withLease(importId, by, work)) ?? NOTHING_TO_LOAD
  // A load that ended before the lease did has requested this import in vain, and requests it only once.
  return (await isLoaded(importId)) ? runImport(importId, by) : end
}

/** Whether nothing is left to wait for, and nobody continues. */
async function isLoaded(id: string): Promise<boolean> {
  const row = await db().import.findFirst({
    where: { id, state: 'loading', problem: null, heldUntil: null, user: { erasingAt: null, suspendedAt: null } },
  })
  return row !== null && (await loadingConnection(row.userId)) === null
}

async function work(hold: Hold): Promise<ImportEnd> {
  const { row } = hold
  try {
    return await next(hold)
  } catch (error) {
    // Only now: what the load would have to remove may not even be queued for it.
    if (error instanceof Cancelled) {
      row.cancelledAt ??= now()
      return row.state === 'loading' ? remove(hold) : discard(hold)
    }
    if (!(error instanceof Failure) || error instanceof Transient) throw error
    if (error instanceof Wait) {
      // It stays as it is; planning requests it again.
      await hold.write({ problem: error.message, remedy: error.remedy }, { evenIfCancelled: true })
      return NOTHING_TO_LOAD
    }
    return fail(hold, error)
  }
}

async function next(hold: Hold): Promise<ImportEnd> {
  const { state, cancelledAt, undoneAt } = hold.row
  if (state === 'loading') return cancelledAt || undoneAt ? remove(hold) : conclude(hold)
  if (cancelledAt) return discard(hold)
  return (await read(hold)) ? conclude(hold) : NOTHING_TO_LOAD
}

/** Reads and lands what has not landed yet. @returns whether it waits for its load now */
async function read(hold: Hold): Promise<boolean> {
  const { row } = hold
  await hold.write({ state: 'reading', startedAt: now(), problem: null, remedy: null })
  const landed = await openRead(row)
  const question = (landed.pages > 0 ? null : await readSource(hold, landed)) ?? (await ownerQuestion(row))
  if (question) {
    await hold.write({ state: 'needs_answer', question: { ...question } })
    return false
  }
  const members = await db().importMember.findMany({ where: { importId: row.id } })
  if (!members.some(({ state }) => state === 'read')) throw nothingToImport(members)
  const sums = sumOf(members)
  await db().$transaction(async (tx) => {
    const { count } = await tx.import.updateMany({
      where: { id: row.id, heldBy: row.heldBy, cancelledAt: null },
      data: { state: 'loading', ...sums, question: Prisma.DbNull },
    })
    if (count === 0) throw new Cancelled()
    await completeRead(tx, landed)
  })
  row.state = 'loading'
  await removeSpool(row.id)
  return true
}

/** @returns what has to be answered before the rest can be read, or null if everything has landed */
async function readSource(hold: Hold, landed: StreamRead): Promise<ImportQuestion | null> {
  if (hold.row.playlist === null) return readFiles(hold, landed)
  await readPlaylist(hold.row, landed)
  return null
}

/** A listener has to have synced this many plays in the time of an export before they say whose it is. */
const MIN_EVIDENCE = 20
const MIN_SHARE = 0.2

/** What to ask if the export is probably somebody else's. Everything has landed, so the uploaded files aren't needed any more. */
async function ownerQuestion({ id, userId, answers }: Import): Promise<ImportQuestion | null> {
  if (await markLanded(id)) await removeSpool(id)
  if ((answers as { owner?: boolean }).owner) return null
  const { apiPlays, paired } = await pairedShare({ userId, importId: id })
  if (apiPlays < MIN_EVIDENCE || paired >= MIN_SHARE * apiPlays) return null
  return { kind: 'owner', plays: apiPlays, matching: paired }
}

/** Removes what an import has brought from every warehouse, and then its landed pages. */
async function remove({ row, write }: Hold): Promise<ImportEnd> {
  const { id, userId, cancelledAt } = row
  await removeSpool(id)
  await handOver(row)
  await undoImport({ userId, importId: id })
  const loading = await loadingConnection(userId)
  if (loading) return { connections: [loading] }
  await retryRemoval(row)
  await removeLanded(row)
  await db().importRejection.deleteMany({ where: { importId: id } })
  await write({ state: cancelledAt ? 'cancelled' : 'undone', endedAt: now() }, { evenIfCancelled: true })
  log.info('an import was removed', { importId: id })
  return NOTHING_TO_LOAD
}

/** @throws Wait if a removal has failed: planning requests the import again, and then it is loaded again too */
async function retryRemoval({ id }: Import): Promise<void> {
  const readIds = IMPORTED_KINDS.map((kind) => removalReadId(importReadId(id, kind)))
  const failed = await failedLoad(readIds)
  if (!failed) return
  await db().loadLedger.updateMany({
    where: { readId: { in: readIds }, state: 'failed' },
    data: { state: 'waiting', problem: null, remedy: null },
  })
  throw new Wait(failed.problem ?? 'The plays could not be removed', new Date(now().getTime() + 5 * MINUTE), {
    remedy: 'Nothing to do. Tracklake tries again in a few minutes.',
  })
}

/** The connection of the built-in warehouse while imports wait for it, or its models for a build. */
async function loadingConnection(userId: string): Promise<string | null> {
  const [connectionId] = await servingConnections(userId)
  if (!connectionId) throw new Stop('There is no built-in warehouse', { remedy: 'Import the files again.' })
  const { modelsState, modelsProblem } = await db().warehouseConnection.findUniqueOrThrow({
    where: { id: connectionId },
  })
  const waiting = await db().loadLedger.count({
    where: { connectionId, state: 'waiting', read: { stream: { in: IMPORTED_KINDS.map(({ name }) => name) } } },
  })
  // Models that can't be built say so elsewhere.
  return waiting === 0 && (modelsState === 'fresh' || modelsProblem !== null) ? null : connectionId
}

/** Waits for the load, and then counts what happened to the rows. */
async function conclude(hold: Hold): Promise<ImportEnd> {
  const { row } = hold
  await removeSpool(row.id)
  const loading = await loadingConnection(row.userId)
  if (loading) return { connections: [loading] }
  const failed = await failedLoad(IMPORTED_KINDS.map((kind) => importReadId(row.id, kind)))
  if (failed)
    throw new Stop(failed.problem ?? 'The plays could not be loaded', {
      remedy: failed.remedy ?? 'Import the files again.',
    })
  await complete(hold)
  return NOTHING_TO_LOAD
}

/** Why the built-in warehouse did not load one of some reads. */
function failedLoad(readIds: string[]) {
  return db().loadLedger.findFirst({
    where: { readId: { in: readIds }, state: 'failed', connection: { kind: EMBEDDED_KIND } },
  })
}

/** Records the receipt. @throws Wait while the tables that it counts are gone */
async function complete({ row, write }: Hold): Promise<void> {
  const of = { userId: row.userId, importId: row.id }
  if (!hasEmbeddedCopy(row.userId))
    throw new Wait('The warehouse file is missing', new Date(now().getTime() + 5 * MINUTE), {
      remedy: 'Nothing to do. Tracklake rebuilds it, then counts what was imported.',
    })
  const receipts = [...(await receiptOf(of)), ...(await otherReceiptOf(of))]
  const counts = new Map(receipts.map((receipt) => [receipt.member, receipt]))
  const members = await db().importMember.findMany({ where: { importId: row.id } })
  for (const member of members) {
    const accepted = member.read - sum(member.rejected)
    const { stored, paired, duplicates } = counts.get(member.position) ?? { stored: 0, paired: 0, duplicates: 0 }
    const duplicate = accepted - stored + duplicates
    const data = { duplicate, paired, new: accepted - duplicate - paired }
    await db().importMember.update({
      where: { importId_position: { importId: row.id, position: member.position } },
      data,
    })
    Object.assign(member, data)
  }
  await write({ ...sumOf(members), state: 'done', endedAt: now(), ...(await unmatched(row)) })
  log.info('an import is done', { importId: row.id })
}

/** What to say of an import that was loaded although the models could not be built: only a build matches plays. */
async function unmatched({ userId }: Import): Promise<{ problem: string | null; remedy: string | null }> {
  const failed = await db().warehouseConnection.count({
    where: { userId, kind: EMBEDDED_KIND, modelsProblem: { not: null } },
  })
  if (failed === 0) return { problem: null, remedy: null }
  return {
    problem: 'Your charts could not be updated, so its plays are not matched with synced plays yet',
    remedy: '“Last builds” on Data says why. The plays are stored and count after the next build.',
  }
}

const sum = (rejected: unknown) =>
  Object.values((rejected ?? {}) as Record<string, number>).reduce((all, one) => all + one, 0)

/** The totals of an import. */
function sumOf(members: Pick<Import, 'read' | 'new' | 'paired' | 'duplicate' | 'rejected'>[]) {
  const rejected: Record<string, number> = {}
  for (const member of members)
    for (const [reason, count] of Object.entries(member.rejected as Record<string, number>))
      rejected[reason] = (rejected[reason] ?? 0) + count
  const total = (name: 'read' | 'new' | 'paired' | 'duplicate') =>
    members.reduce((all, member) => all + member[name], 0)
  return { read: total('read'), new: total('new'), paired: total('paired'), duplicate: total('duplicate'), rejected }
}

/** Ends a canceled import whose rows no destination holds. */
async function discard({ row, write }: Hold): Promise<ImportEnd> {
  await removeSpool(row.id)
  await removeLanded(row)
  await db().importMember.deleteMany({ where: { importId: row.id } })
  await db().importRejection.deleteMany({ where: { importId: row.id } })
  await write({ state: 'cancelled', endedAt: now(), question: Prisma.DbNull }, { evenIfCancelled: true })
  return NOTHING_TO_LOAD
}

/** Ends an import that can't continue. Its files stay listed, with what was wrong with them. */
async function fail({ row, write }: Hold, failure: Failure): Promise<ImportEnd> {
  log.warn('an import failed', { importId: row.id, problem: failure.message, cause: messageOf(failure.cause) })
  await removeSpool(row.id)
  // Another warehouse may have loaded it.
  if (row.state === 'loading') await undoImport({ userId: row.userId, importId: row.id })
  await removeLanded(row)
  const { message: problem, remedy } = failure
  await write({ state: 'failed', problem, remedy, endedAt: now() }, { evenIfCancelled: true })
  return NOTHING_TO_LOAD
}

/** Ends an import whose job gave up. */
export async function giveUpImport(importId: string, by: string, problem: string): Promise<void> {
  const remedy = 'Import the files again. If it keeps failing, the log of the web process has the details.'
  await withLease(importId, by, async (hold) => {
    // Everything has landed and waits for its load, so nothing is wrong with the files. Planning requests it again.
    if (hold.row.state !== 'loading') await fail(hold, new Stop('The import failed', { remedy, cause: problem }))
  })
}

function nothingToImport(members: Pick<ImportMember, 'state'>[]): Stop {
  const isRefused = members.some(({ state }) => state === 'refused')
  return isRefused
    ? new Stop('None of these files could be imported', { remedy: 'See below for what’s wrong with each.' })
    : new Stop('There is no listening history in these files', { remedy: WHAT_TO_UPLOAD })
}

const SENT_AGAIN_AFTER_MS = 30 * SECOND
const MAX_IMPORTS = 100

/** The imports that no job works on although one should: an event was lost, or a process died. */
export async function importsToContinue(): Promise<string[]> {
  const imports = await db().import.findMany({
    where: {
      AND: [
        {
          OR: [
            { state: { in: ['queued', 'reading', 'loading'] } },
            { state: 'needs_answer', cancelledAt: { not: null } },
          ],
        },
        { OR: [{ heldUntil: null }, { heldUntil: { lt: now() } }] },
        { OR: NOT_UPLOADING },
      ],
      createdAt: { lt: new Date(now().getTime() - SENT_AGAIN_AFTER_MS) },
      user: { erasingAt: null, suspendedAt: null },
    },
    orderBy: { createdAt: 'asc' },
    take: MAX_IMPORTS,
    select: { id: true },
  })
  return imports.map(({ id }) => id)
}

/** The imports that wait for a destination. */
export async function importsLoadedBy(connectionId: string): Promise<string[]> {
  const imports = await db().import.findMany({
    where: { state: 'loading', user: { connections: { some: { id: connectionId } } } },
    take: MAX_IMPORTS,
    select: { id: true },
  })
  return imports.map(({ id }) => id)
}
