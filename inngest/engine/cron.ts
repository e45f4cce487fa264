import type pg from 'pg'
import type { Clock } from '#lib/core/clock.ts'
import { newId, startRuns } from './events.ts'
import { type Functions, nextFiring } from './protocol/functions.ts'
import { inTransaction } from './store/database.ts'

/**
 * Saves when each cron fires next. A known cron keeps its time even if that has passed, so a cron that was due while the
 * engine was down fires once, late.
 */
export async function planCrons(pool: pg.Pool, functions: Functions, clock: Clock): Promise<void> {
  const planned = functions
    .all()
    .flatMap(({ id, crons }) => crons.map((expression) => ({ id, expression, at: nextFiring(expression, clock()) })))
    .filter(({ at }) => at !== null)
  const columns = [planned.map(({ id }) => id), planned.map(({ expression }) => expression)]
  await inTransaction(pool, async (db) => {
    await db.query(
      `delete from engine.crons where (function_id, expression) not in (select * from unnest($1::text[], $2::text[]))`,
      columns,
    )
    await db.query(
      `insert into engine.crons (function_id, expression, next_at)
       select * from unnest($1::text[], $2::text[], $3::timestamptz[]) on conflict do nothing`,
      [...columns, planned.map(({ at }) => at)],
    )
  })
}

interface DueCron {
  function_id: string
  expression: string
  next_at: Date
}

/**
 * Corrects crons after a clock that was ahead has been set back: none may fire later than its schedule says from now on.
 * @returns whether any was corrected
 */
export async function correctCrons(pool: pg.Pool, clock: Clock): Promise<boolean> {
  const now = clock()
  const { rows } = await pool.query<DueCron>(`select * from engine.crons where next_at > $1 and next_at < 'infinity'`, [
    now,
  ])
  let found = false
  for (const { function_id, expression, next_at } of rows) {
    const next = nextFiring(expression, now)
    if (next === null || next >= next_at) continue
    found = true
    await pool.query(
      'update engine.crons set next_at = $4 where function_id = $1 and expression = $2 and next_at = $3',
      [function_id, expression, next_at, next],
    )
  }
  return found
}

/** Starts due crons. The run and the next time are saved together, so no run is lost or doubled. */
export async function fireCrons(pool: pg.Pool, functions: Functions, clock: Clock): Promise<void> {
  const now = clock()
  const { rows } = await pool.query<DueCron>('select * from engine.crons where next_at <= $1', [now])
  for (const { function_id, expression, next_at } of rows) {
    const known = functions.get(function_id)
    const next = nextFiring(expression, now)
    await inTransaction(pool, async (db) => {
      const { rowCount } = await db.query(
        `update engine.crons set next_at = coalesce($4::timestamptz, 'infinity') where function_id = $1 and expression = $2 and next_at = $3`,
        [function_id, expression, next_at, next],
      )
      if (rowCount !== 1 || !known) return
      const data = { cron: expression }
      await startRuns(db, [known], { id: newId(), name: 'inngest/scheduled.timer', data, ts: now.getTime() })
    })
  }
}
