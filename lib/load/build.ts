import { messageOf, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { dayIn } from '#lib/core/period.ts'
import { db, Prisma, type User, type WarehouseConnection } from '#lib/db.ts'
import { buildModels } from '#lib/models/build.ts'
import type { ModelSettings } from '#lib/models/settings.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'

/**
 * The models of an embedded warehouse are built by the job that loads it, so there is one build at a time. `stale`: some
 * data or a setting has changed since the last build. `urgent`: plays arrived, which pages are waiting for.
 */
const OPEN_RUN: Prisma.RunWhereInput = { kind: 'extract', endedAt: null }

/**
 * Builds the models if they are stale. Without new plays, it waits for the end of the run, because its other streams are
 * about to change the same models.
 * @returns true if it built them, so that charts have changed
 */
export async function buildIfStale({ id, userId }: WarehouseConnection): Promise<boolean> {
  const connection = await db().warehouseConnection.findUnique({ where: { id }, include: { user: true } })
  if (!connection || connection.modelsState === 'fresh' || !hasEmbeddedCopy(userId)) return false
  if (connection.modelsState === 'stale' && (await db().run.count({ where: { ...OPEN_RUN, userId } })) > 0) return false
  // What changes while the models are built makes them stale again.
  await setState(id, 'fresh')
  try {
    const { user } = connection
    const { full, ms } = await buildModels(await openEmbeddedCopy({ userId }), { settings: settingsOf(user) })
    log.info('models are built', { connectionId: id, full, ms: Math.round(ms) })
    await db().$transaction([
      db().warehouseConnection.updateMany({ where: { id }, data: { modelsDay: today(user), modelsProblem: null } }),
      db().user.update({ where: { id: userId }, data: { dataVersion: { increment: 1 } } }),
    ])
    return true
  } catch (error) {
    await setState(id, connection.modelsState)
    if (error instanceof Transient) throw error
    log.error('models could not be built', { connectionId: id, problem: messageOf(error) })
    await db().warehouseConnection.updateMany({ where: { id }, data: { modelsProblem: messageOf(error) } })
    return false
  }
}

function setState(id: string, modelsState: string) {
  return db().warehouseConnection.updateMany({ where: { id }, data: { modelsState } })
}

const today = ({ zone }: Pick<User, 'zone'>) => dayIn(zone ?? 'UTC', new Date())

/** The settings of a listener that rule the models. */
function settingsOf({ zone, weekStart }: Pick<User, 'zone' | 'weekStart'>): ModelSettings {
  return {
    zone: zone ?? 'UTC',
    week_start: weekStart,
    counting_rule: '30s',
    counts_private: true,
    counts_skips: true,
    counts_other_sources: false,
  }
}

/** Lets the models of a listener be built again, for example in another time zone. */
export async function markModelsStale(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.warehouseConnection.updateMany({
    where: { userId, kind: EMBEDDED_KIND, modelsState: 'fresh' },
    data: { modelsState: 'stale' },
  })
}

/** Lets models that say "today" be built on each listener's new day, even if nothing was played. */
export async function markNewDays(now: Date): Promise<void> {
  await db().$executeRaw(Prisma.sql`
    update "WarehouseConnection" c set "modelsState" = 'stale' from "User" u
    where u.id = c."userId" and c."modelsState" = 'fresh'
      and c."modelsDay" < to_char(${now}::timestamptz at time zone coalesce(u.zone, 'UTC'), 'YYYY-MM-DD')`)
}
