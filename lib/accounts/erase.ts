import { ulid } from 'ulid'
import type { EraseReceipt } from '#lib/api/shapes.ts'
import { audit } from '#lib/audit.ts'
import { DAY, now, pause, SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { isTyped } from '#lib/core/confirmation.ts'
import { messageOf, Refused } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type Prisma, type User } from '#lib/db.ts'
import { forget } from '#lib/query/query-chart.ts'
import { duckdbFile, landing } from '#lib/storage/places.ts'
import { streams } from '#lib/streams/index.ts'
import { eraseDuckdb } from '#lib/warehouse/index.ts'
import { handAdminOn, takeAdminTurn } from './admins.ts'
import { stopRuns } from './disconnect.ts'

/**
 * Deletes everything of a listener: tokens and rows in Postgres, landed answers, the warehouse file. What stays is the
 * receipt in the audit trail, which holds ids and counts only. A deletion that breaks off is gone
 * on with at the next start or planning tick.
 * @param confirm the listener's name, typed
 * @throws Refused 400 when the name is not the listener's
 */
export async function erase(userId: string, confirm: string): Promise<EraseReceipt> {
  requireName(await db().user.findUniqueOrThrow({ where: { id: userId } }), confirm)
  await db().user.update({ where: { id: userId }, data: { erasingAt: now() } })
  return goOnErasing(userId)
}

/** @throws Refused 400 when what was typed is not the listener's name */
export function requireName({ name }: User, confirm: string): void {
  if (isTyped(confirm, name ?? '')) return
  throw new Refused(400, 'not-confirmed', 'The name does not match', `Type "${name}" to delete everything.`)
}

/** Ends deletions that broke off: the listener cannot sign in any more to press the button again. */
export async function finishErasures(): Promise<void> {
  const begun = await db().user.findMany({ where: { erasingAt: { not: null } }, select: { id: true }, take: 100 })
  for (const { id } of begun) {
    await goOnErasing(id).catch((thrown) =>
      log.warn('a deletion could not be finished yet', { userId: id, problem: messageOf(thrown) }),
    )
  }
}

/** Does what a deletion that has begun, here or before a crash, still needs. @throws Refused 503 while a load does not end */
export async function goOnErasing(userId: string): Promise<EraseReceipt> {
  await db().account.updateMany({
    where: { userId },
    data: { access_token: null, refresh_token: null, consent: 'disconnected' },
  })
  await stopRuns(userId)
  await endLoads(userId)
  const before = await eraseLanded(userId)
  await eraseDuckdb(duckdbFile(userId))
  forget(userId)
  const postgresRows = await eraseRows(userId)
  // A page that was on its way may have landed meanwhile; from here on it finds no listener and goes by itself.
  const landedObjects = before + (await eraseLanded(userId))
  const receipt = ulid()
  await audit(null, 'deleted everything of a listener', userId, { receipt, landedObjects, postgresRows })
  return { receipt, erasedAt: now().toISOString(), postgresRows, landedObjects, warehouseFiles: 1 }
}

// The page gives up after 20 s.
const LOAD_ENDS_WITHIN_MS = 15 * SECOND
const LOOK_AGAIN_MS = 100

/** Waits for a load that is under way, and takes its turn for good: it would make the file anew. */
async function endLoads(userId: string): Promise<void> {
  const deadline = Date.now() + LOAD_ENDS_WITHIN_MS
  const all = await db().warehouseConnection.count({ where: { userId } })
  for (;;) {
    const taken = await db().warehouseConnection.updateMany({
      where: { userId, OR: [{ loadingUntil: null }, { loadingUntil: { lt: now() } }, { loadingBy: 'erase' }] },
      data: { loadingUntil: new Date(Date.now() + DAY), loadingBy: 'erase' },
    })
    if (taken.count === all) return
    if (Date.now() > deadline) {
      throw new Refused(
        503,
        'load-under-way',
        'A load is under way and does not end',
        'Nothing to do: the deletion has begun and goes on by itself within minutes.',
      )
    }
    await pause(LOOK_AGAIN_MS)
  }
}

async function eraseLanded(userId: string): Promise<number> {
  let gone = 0
  for (const { name } of streams) {
    for (const folder of ['to_process', 'processed'])
      gone += await landing().removeAll(`raw_data/${folder}/${name}/${userId}`)
  }
  return gone
}

/** Counts what goes, then removes the listener; the other rows hang on it and go with it. */
async function eraseRows(userId: string): Promise<Record<string, number>> {
  return db().$transaction(async (tx) => {
    await takeAdminTurn(tx)
    const rows = {
      runs: await tx.run.count({ where: { userId } }),
      'stream runs': await tx.streamRun.count({ where: { userId } }),
      reads: await tx.streamRead.count({ where: { userId } }),
      'landed objects': await tx.landedObject.count({ where: { read: { userId } } }),
      polls: await tx.poll.count({ where: { userId } }),
      sessions: await tx.session.count({ where: { userId } }),
      accounts: await tx.account.count({ where: { userId } }),
    }
    await tx.bookmark.deleteMany({ where: { userId } })
    // A link that they made would let people in by a word of somebody who is gone.
    await tx.invite.deleteMany({ where: { byUserId: userId } })
    await leaveApps(tx, userId)
    if (settings().ADMINS.length === 0) await handAdminOn(tx, userId)
    await tx.user.delete({ where: { id: userId } })
    return { ...rows, listeners: 1 }
  })
}

/** The secret of an own app goes with its owner, unless somebody else signs in through it too: then it is theirs. */
async function leaveApps(tx: Prisma.TransactionClient, userId: string): Promise<void> {
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
