import { DAY } from '#lib/core/clock.ts'
import type { Querier } from './store/database.ts'

const RETENTION_MS = 7 * DAY
const BATCH = 1_000
const MAX_BATCHES = 100

/** Removes ended runs with their steps, and the keys of old events, after seven days. Small batches keep locks short. */
export async function removeOld(db: Querier, now: Date): Promise<void> {
  const before = new Date(now.getTime() - RETENTION_MS)
  await inBatches(() =>
    db.query(
      `delete from engine.runs where id in (select id from engine.runs where ended_at < $1 order by ended_at limit ${BATCH})`,
      [before],
    ),
  )
  await inBatches(() =>
    db.query(
      `delete from engine.events where key in (select key from engine.events where received_at < $1 order by received_at limit ${BATCH})`,
      [before],
    ),
  )
}

async function inBatches(remove: () => Promise<{ rowCount: number | null }>): Promise<void> {
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const { rowCount } = await remove()
    if ((rowCount ?? 0) < BATCH) return
  }
}
