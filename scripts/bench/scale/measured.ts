import { SECOND } from '../../../lib/clock.ts'
import { PERISHABLE, PLANS } from '../../../lib/pipeline/due.ts'
import { timesADay } from '../../../lib/pipeline/quota/planned.ts'
import { processorBetween } from './cost.ts'
import type { Connected, Turn } from './stage.ts'

/** What was measured with so many listeners. */
export interface Stage {
  listeners: number
  connected: Connected
  turns: Turn[]
  /** The largest that was seen, by process. */
  memory: Map<string, number>
  /** Of the web process. */
  openFiles: number
}

export interface Measured {
  few: Stage
  household: Stage
  many: Stage
  /** How the instance was held. */
  held: string
}

function lastTurn({ turns }: Stage): Turn {
  const last = turns.at(-1)
  if (!last) throw new Error('There was no turn.')
  return last
}

/** Milliseconds. */
export function processorPerPoll(stage: Stage): number {
  const { before, after, listeners } = lastTurn(stage)
  return (processorBetween(before, after).seconds * SECOND) / listeners
}

/** Milliseconds of one of the processes. */
export function processorPerPollOf(stage: Stage, name: string): number {
  const { before, after, listeners } = lastTurn(stage)
  return ((processorBetween(before, after).by.get(name) ?? 0) * SECOND) / listeners
}

/** Looks a second while everybody waits for theirs. */
export function pollsPerSecond(stage: Stage): number {
  const { listeners, seconds } = lastTurn(stage)
  return listeners / seconds
}

/** Milliseconds that the plan takes for one listener. */
export function planningPerListener(stage: Stage): number {
  const { planningMs, listeners } = lastTurn(stage)
  return planningMs / listeners
}

export function statementsPerPoll(stage: Stage): number {
  const { before, after, listeners } = lastTurn(stage)
  return (after.statements - before.statements) / listeners
}

/** Milliseconds. */
export function processorPerFirstRun({ connected: { before, after, listeners } }: Stage): number {
  return (processorBetween(before, after).seconds * SECOND) / listeners
}

export function statementsPerFirstRun({ connected: { before, after, listeners } }: Stage): number {
  return (after.statements - before.statements) / listeners
}

export function requestsPerFirstRun({ connected: { before, after, listeners } }: Stage): number {
  return (after.requests - before.requests) / listeners
}

/** Looks a day on the plan that is in force when a listener chooses nothing. */
export const LOOKS_A_DAY = timesADay(PERISHABLE, PLANS[PERISHABLE])
