import { SECOND } from '#lib/core/clock.ts'
import { runsPerDay } from '#lib/schedule/planned-requests.ts'
import { PERISHABLE, PLANS } from '#lib/schedule/timetable.ts'
import { type Cost, processorBetween } from './cost.ts'
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
  /** What the runs of the next day cost these few. */
  nextDay: Connected
  household: Stage
  many: Stage
  /** How the instance was held. */
  held: string
}

/** The mean of all looks: every second one comes with a refresh of the token, which Spotify ends after an hour. */
function perLook({ turns }: Stage, between: (before: Cost, after: Cost) => number): number {
  const cost = turns.reduce((sum, { before, after }) => sum + between(before, after), 0)
  return cost / turns.reduce((sum, { listeners }) => sum + listeners, 0)
}

/** Milliseconds. */
export function processorPerLook(stage: Stage): number {
  return perLook(stage, (before, after) => processorBetween(before, after).seconds * SECOND)
}

/** Milliseconds of one of the processes. */
export function processorPerLookOf(stage: Stage, name: string): number {
  return perLook(stage, (before, after) => (processorBetween(before, after).by.get(name) ?? 0) * SECOND)
}

export function statementsPerLook(stage: Stage): number {
  return perLook(stage, (before, after) => after.statements - before.statements)
}

/** Looks a second while everybody waits for theirs. */
export function looksPerSecond({ turns }: Stage): number {
  const looks = turns.reduce((sum, { listeners }) => sum + listeners, 0)
  return looks / turns.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Milliseconds that the plan takes for one listener. */
export function planningPerListener({ turns }: Stage): number {
  const took = turns.reduce((sum, { planningMs }) => sum + planningMs, 0)
  return took / turns.reduce((sum, { listeners }) => sum + listeners, 0)
}

/** Milliseconds of a run of all streams. */
export function processorPerRun({ before, after, listeners }: Connected): number {
  return (processorBetween(before, after).seconds * SECOND) / listeners
}

export function statementsPerRun({ before, after, listeners }: Connected): number {
  return (after.statements - before.statements) / listeners
}

export function requestsPerRun({ before, after, listeners }: Connected): number {
  return (after.requests - before.requests) / listeners
}

/** Looks a day on the plan that is in force when a listener chooses nothing. */
export const LOOKS_A_DAY = runsPerDay(PERISHABLE, PLANS[PERISHABLE])
