import { MINUTE } from './core/clock.ts'
import { settings } from './core/config.ts'
import { db } from './db.ts'

/** When planning last succeeded. Stored, because stalled planning can't report itself. */

const PLANNED = 'planned at'
const SENT = 'sent at'
/** Missed ticks before planning counts as stalled. */
const MAX_MISSED_TICKS = 3

export function plannedAt(): Promise<Date | null> {
  return readInstant(PLANNED)
}

export function recordPlanned(at: Date): Promise<void> {
  return saveInstant(PLANNED, at)
}

/** When the engine last accepted what a tick planned; with a wrong event key, planning works and sending doesn't. */
export function sentAt(): Promise<Date | null> {
  return readInstant(SENT)
}

export function recordSent(at: Date): Promise<void> {
  return saveInstant(SENT, at)
}

async function readInstant(name: string): Promise<Date | null> {
  const fact = await db().instanceFact.findUnique({ where: { name } })
  return fact && new Date(fact.value)
}

async function saveInstant(name: string, at: Date): Promise<void> {
  const value = at.toISOString()
  await db().instanceFact.upsert({ where: { name }, create: { name, value }, update: { value } })
}

/** After this long without a tick, planning counts as stalled. */
export function planningStalledAfterMs(): number {
  return MAX_MISSED_TICKS * settings().PLAN_EVERY + MINUTE
}
