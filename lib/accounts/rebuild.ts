import { ulid } from 'ulid'
import { Refused, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'
import { acquireLease, releaseLease } from '#lib/load/lease.ts'
import { forgetResults } from '#lib/query/query-chart.ts'
import { stopDownloads } from '#lib/query/running-downloads.ts'
import { cancelTyped } from '#lib/sql/run.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { duckdbFile, hasEmbeddedCopy } from '#lib/storage/places.ts'
import { removeSnapshots } from '#lib/storage/snapshots.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { setDuckdbAside } from '#lib/warehouse/index.ts'
import { openingFailure } from './status.ts'

/**
 * Sets the file of a listener's embedded warehouse aside and queues everything ever landed for loading again, oldest
 * first.
 * @returns the connection to load
 * @throws Refused 409 without an embedded warehouse or if it works, 503 while a load is running; Wait or Transient if
 * it can't be opened for now
 */
export async function rebuildEmbedded(userId: string): Promise<string> {
  const connection = keepsEmbeddedCopies()
    ? await db().warehouseConnection.findFirst({ where: { userId, kind: EMBEDDED_KIND } })
    : null
  if (!connection)
    throw new Refused(409, 'no-copy', 'You have no built-in warehouse', 'Your tables are in your own Snowflake.')
  const { id } = connection
  const by = `rebuild ${ulid()}`
  if (!(await acquireLease(id, by)))
    throw new Refused(503, 'load-under-way', 'A load is still running', 'Try again in a minute.')
  try {
    await requireUnusable(userId)
    cancelTyped(userId)
    await stopDownloads(userId)
    const aside = await setDuckdbAside(duckdbFile(userId))
    await removeSnapshots(userId)
    const { count } = await db().loadLedger.updateMany({
      where: { connectionId: id, state: { in: ['loaded', 'failed'] }, read: { state: 'complete' } },
      data: { state: 'waiting' },
    })
    log.warn('a warehouse is rebuilt from what was landed', { connectionId: id, reads: count, aside })
  } finally {
    await releaseLease(id, by)
  }
  forgetResults(userId)
  return id
}

/** A file that works must not be replaced by one that lacks what is no longer landed. A missing one may be rebuilt. */
async function requireUnusable(userId: string): Promise<void> {
  const failure = await openingFailure(userId)
  if (failure instanceof Stop) return
  if (failure) throw failure
  if (!hasEmbeddedCopy(userId)) return
  throw new Refused(
    409,
    'not-damaged',
    'The built-in warehouse is not damaged, so nothing was changed',
    'Press "Sync now" to load into it again.',
  )
}
