import type { CountingChange, CountingResponse } from '#lib/api/counting.ts'
import { db, type User, type WarehouseConnection } from '#lib/db.ts'
import { isCountingPending, markModelsStale, markModelsUrgent, settingsOf } from '#lib/load/build.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { requireUser } from './require-user.ts'

/** What a listener wants to count. The next build of the models applies it. */

/** What counts, and whether the models follow it yet. @param serving the connection that pages are served from */
export function countingResponse(user: User, serving: WarehouseConnection | undefined): CountingResponse {
  const { counting_rule, counts_private, counts_skips, counts_other_sources } = settingsOf(user)
  // Without data there is nothing to rebuild.
  const isRebuilding = user.dataAsOf !== null && serving !== undefined && isCountingPending(serving, user)
  return {
    rule: counting_rule,
    countsPrivate: counts_private,
    countsSkips: counts_skips,
    countsOtherSources: counts_other_sources,
    isRebuilding,
    problem: isRebuilding ? serving.modelsProblem : null,
  }
}

export async function countingOf({ id }: { id: string }): Promise<CountingResponse> {
  const user = await db().user.findUnique({
    where: { id },
    include: { connections: { where: { kind: servingKind() } } },
  })
  const known = requireUser(user)
  return countingResponse(known, known.connections[0])
}

/** @returns whether that changes anything, so that the models have to be built */
export async function changeCounting({ id }: { id: string }, change: CountingChange): Promise<boolean> {
  const before = requireUser(await db().user.findUnique({ where: { id } }))
  const { rule, ...others } = change
  const data = { ...others, ...(rule ? { countingRule: rule } : {}) }
  if (Object.entries(data).every(([name, value]) => value === before[name as keyof typeof data])) return false
  await db().$transaction(async (tx) => {
    // Before the listener's row, as builds lock the two.
    await markModelsStale(tx, id)
    await markModelsUrgent(tx, id)
    await tx.user.update({ where: { id }, data })
  })
  return true
}
