import { MINUTE } from './core/clock.ts'
import { settings } from './core/config.ts'
import { db } from './db.ts'

/** When planning last went through: kept, because a plan that stands still cannot say so itself. */

const PLANNED = 'planned at'
const SENT = 'sent at'
/** So many ticks may be missed before somebody is told. */
const MISSED = 3

export function plannedAt(): Promise<Date | null> {
  return instantOf(PLANNED)
}

export function notePlanned(at: Date): Promise<void> {
  return noteInstant(PLANNED, at)
}

/** When what a tick planned last was taken in by what runs the functions: a wrong event key plans and sends nothing. */
export function sentAt(): Promise<Date | null> {
  return instantOf(SENT)
}

export function noteSent(at: Date): Promise<void> {
  return noteInstant(SENT, at)
}

async function instantOf(name: string): Promise<Date | null> {
  const fact = await db().instanceFact.findUnique({ where: { name } })
  return fact && new Date(fact.value)
}

async function noteInstant(name: string, at: Date): Promise<void> {
  const value = at.toISOString()
  await db().instanceFact.upsert({ where: { name }, create: { name, value }, update: { value } })
}

/** After so long without a tick planning stands still. */
export function planningStandsAfterMs(): number {
  return MISSED * settings().PLAN_EVERY + MINUTE
}
