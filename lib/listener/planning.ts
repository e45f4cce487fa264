import { MINUTE } from '../clock.ts'
import { settings } from '../config.ts'
import { db } from '../db.ts'

/** When planning last went through: kept, because a plan that stands still cannot say so itself. */

const FACT = 'planned at'
/** So many ticks may be missed before somebody is told. */
const MISSED = 3

export async function plannedAt(): Promise<Date | null> {
  const fact = await db().instanceFact.findUnique({ where: { name: FACT } })
  return fact && new Date(fact.value)
}

export async function notePlanned(at: Date): Promise<void> {
  const value = at.toISOString()
  await db().instanceFact.upsert({ where: { name: FACT }, create: { name: FACT, value }, update: { value } })
}

/** After so long without a tick planning stands still. */
export function planningStandsAfterMs(): number {
  return MISSED * settings().PLAN_EVERY + MINUTE
}
