import pLimit from 'p-limit'
import { ulid } from 'ulid'
import type { EraseReceipt } from '#lib/api/shapes.ts'
import { recordAudit } from '#lib/audit.ts'
import { DAY, now, pause, SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { isTyped } from '#lib/core/confirmation.ts'
import { messageOf, Refused } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type Prisma, type User } from '#lib/db.ts'
import { removeSpool } from '#lib/imports/spool.ts'
import { eraseLake } from '#lib/lake/connection.ts'
import type { Removed } from '#lib/landing/landing.ts'
import { forgetMusic } from '#lib/load/pending-music.ts'
import { forgetResults } from '#lib/query/query-chart.ts'
import { stopDownloads } from '#lib/query/running-downloads.ts'
import { NOT_REFUSED } from '#lib/quota/refused-consent.ts'
import { cancelTyped } from '#lib/sql/run.ts'
import { duckdbFile, landing, landingFolders, UPLOADS } from '#lib/storage/places.ts'
import { removeSnapshots } from '#lib/storage/snapshots.ts'
import { landedKinds } from '#lib/streams/index.ts'
import { eraseDuckdb } from '#lib/warehouse/index.ts'
import { lockAdmins, passOnAdmin } from './admins.ts'
import { stopRuns } from './disconnect.ts'

/**
 * Deletes all of a listener's data: tokens and rows in Postgres, landed responses, the warehouse file and its snapshots. Only the receipt
 * stays, in the audit trail, with ids and counts. An interrupted deletion is resumed at the next start or planning tick.
 * @param confirm the listener's name, as typed
 * @throws Refused 400 when the name does not match, 409 when the deletion has started already
 */
export async function erase(userId: string, confirm: string): Promise<EraseReceipt> {
  const listener = await db().user.findUnique({ where: { id: userId } })
  if (!listener) throw alreadyErasing()
  requireName(listener, confirm)
  await beginErasure(userId)
  return completeErasure(userId)
}

/** Starts the deletion for one of several concurrent requests. @throws Refused 409 for the others */
async function beginErasure(userId: string): Promise<void> {
  const { count } = await db().user.updateMany({ where: { id: userId, erasingAt: null }, data: { erasingAt: now() } })
  if (count === 0) throw alreadyErasing()
}

/** @throws Refused 409 when another request or a planning tick completed it first; 503 while a load is still running */
export async function completeErasure(userId: string): Promise<EraseReceipt> {
  const receipt = await resumeErasure(userId)
  if (receipt) return receipt
  throw alreadyErasing()
}

function alreadyErasing(): Refused {
  return new Refused(
    409,
    'being-deleted',
    'This account is already being deleted',
    'Nothing to do: the deletion finishes on its own within minutes.',
  )
}

/** @throws Refused 400 when the typed name is not the listener's */
export function requireName({ name }: User, confirm: string): void {
  if (isTyped(confirm, name ?? '')) return
  throw new Refused(400, 'not-confirmed', 'The name does not match', `Type "${name}" to delete everything.`)
}

/** Resumes interrupted deletions: the listener can no longer sign in to press the button again. */
export async function resumeErasures(): Promise<void> {
  const started = await db().user.findMany({ where: { erasingAt: { not: null } }, select: { id: true }, take: 100 })
  for (const { id } of started) {
    await resumeErasure(id).catch((error) =>
      log.warn('a deletion is not finished yet', { userId: id, problem: messageOf(error) }),
    )
  }
}

/** Completes a deletion. @returns null if somebody else did @throws Refused 503 while a load is still running */
async function resumeErasure(userId: string): Promise<EraseReceipt | null> {
  await db().account.updateMany({
    where: { userId },
    data: { access_token: null, refresh_token: null, consent: 'disconnected', ...NOT_REFUSED },
  })
  await stopRuns(userId)
  await endLoads(userId)
  const before = await eraseLanded(userId)
  cancelTyped(userId)
  await stopDownloads(userId)
  const published = await eraseLake(userId)
  await eraseDuckdb(duckdbFile(userId))
  // Afterwards: a snapshot that is being made keeps the warehouse open.
  const snapshots = await removeSnapshots(userId)
  forgetResults(userId)
  // Before the rows that name them. An upload that still arrives finds no row at its end and removes its files.
  await eraseSpools(userId)
  const postgresRows = await eraseRows(userId)
  if (!postgresRows) return null
  // A page may have landed in the meantime. Later ones find no listener and are removed.
  const late = await eraseLanded(userId)
  const landed = {
    landedObjects: before.objects + late.objects,
    landedVersions: before.versions + late.versions,
  }
  const receipt = ulid()
  await recordAudit(null, 'deleted a listener’s data', userId, { receipt, ...landed, postgresRows, published })
  return { receipt, erasedAt: now().toISOString(), postgresRows, ...landed, warehouseFiles: 1 + snapshots, published }
}

// The browser gives up after 20 s.
const LOAD_ENDS_WITHIN_MS = 15 * SECOND
const POLL_MS = 100

/** Waits for a running load and keeps its lease, because another load would create the file again. */
async function endLoads(userId: string): Promise<void> {
  const deadline = Date.now() + LOAD_ENDS_WITHIN_MS
  const all = await db().warehouseConnection.count({ where: { userId } })
  for (;;) {
    const taken = await db().warehouseConnection.updateMany({
      where: { userId, OR: [{ loadingUntil: null }, { loadingUntil: { lt: now() } }, { loadingBy: 'erase' }] },
      data: { loadingUntil: new Date(Date.now() + DAY), loadingBy: 'erase' },
    })
    if (taken.count === all) break
    if (Date.now() > deadline) {
      throw new Refused(
        503,
        'load-under-way',
        'A load is still running',
        'Nothing to do: the deletion has started and finishes by itself within minutes.',
      )
    }
    await pause(POLL_MS)
  }
  for (const { id } of await db().warehouseConnection.findMany({ where: { userId }, select: { id: true } }))
    forgetMusic(id)
}

async function eraseSpools(userId: string): Promise<void> {
  const imports = await db().import.findMany({ where: { userId }, select: { id: true } })
  for (const { id } of imports) await removeSpool(id)
}

/** The folders of a landing zone in S3 that are listed at once. */
const FOLDERS_AT_ONCE = 8

/** Removes the listener's landed objects, and the files that were dropped for them. */
async function eraseLanded(userId: string): Promise<Removed> {
  const user = await db().user.findUnique({ where: { id: userId }, select: { spotifyUserId: true } })
  // Files for a listener may be in a folder with their Spotify id.
  const names = [userId, user?.spotifyUserId].filter((name) => name && /^[\w-][\w.-]*$/.test(name)) as string[]
  const folders = [
    ...landedKinds.flatMap(({ name }) => landingFolders({ stream: name, userId })),
    ...names.flatMap((name) => Object.values(UPLOADS).map((folder) => `${folder}/${name}`)),
  ]
  const limit = pLimit(FOLDERS_AT_ONCE)
  const removed = await Promise.all(folders.map((folder) => limit(() => landing().removeAll(folder))))
  return {
    objects: removed.reduce((sum, { objects }) => sum + objects, 0),
    versions: removed.reduce((sum, { versions }) => sum + versions, 0),
  }
}

/** Counts the rows, then deletes the listener; the other rows are deleted by cascade. @returns null if somebody else did */
async function eraseRows(userId: string): Promise<Record<string, number> | null> {
  return db().$transaction(async (tx) => {
    await lockAdmins(tx)
    if ((await tx.user.count({ where: { id: userId } })) === 0) return null
    const rows = {
      runs: await tx.run.count({ where: { userId } }),
      'stream runs': await tx.streamRun.count({ where: { userId } }),
      reads: await tx.streamRead.count({ where: { userId } }),
      'landed objects': await tx.landedObject.count({ where: { read: { userId } } }),
      polls: await tx.poll.count({ where: { userId } }),
      'excluded plays': await tx.excludedPlay.count({ where: { userId } }),
      imports: await tx.import.count({ where: { userId } }),
      'files taken': await tx.arrival.count({ where: { userId } }),
      'choices about recordings': await tx.recordingChoice.count({ where: { userId } }),
      'own genres': await tx.genreChoice.count({ where: { userId } }),
      'saved queries': await tx.savedQuery.count({ where: { userId } }),
      'queries run': await tx.queryRun.count({ where: { userId } }),
      builds: await tx.modelBuild.count({ where: { userId } }),
      checks: await tx.modelCheck.count({ where: { userId } }),
      'published files': await tx.lakeFile.count({ where: { userId } }),
      sessions: await tx.session.count({ where: { userId } }),
      accounts: await tx.account.count({ where: { userId } }),
    }
    await tx.bookmark.deleteMany({ where: { userId } })
    // An invite must not outlive its creator.
    await tx.invite.deleteMany({ where: { byUserId: userId } })
    await passOnApps(tx, userId)
    if (settings().ADMINS.length === 0) await passOnAdmin(tx, userId)
    await tx.user.delete({ where: { id: userId } })
    return { ...rows, listeners: 1 }
  })
}

/** Deletes the listener's own Spotify apps. An app that others sign in through is passed on to one of them. */
async function passOnApps(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  const apps = await tx.spotifyApp.findMany({
    where: { ownerId: userId },
    include: { accounts: { where: { userId: { not: userId } }, take: 1 } },
  })
  for (const { id, accounts } of apps) {
    const [other] = accounts
    if (other) await tx.spotifyApp.update({ where: { id }, data: { ownerId: other.userId } })
    else {
      await tx.account.updateMany({ where: { spotifyAppId: id }, data: { spotifyAppId: null } })
      await tx.spotifyApp.delete({ where: { id } })
    }
  }
}
