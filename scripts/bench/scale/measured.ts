import { SECOND } from '#lib/core/clock.ts'
import { runsPerDay } from '#lib/schedule/planned-requests.ts'
import { PERISHABLE, PLANS } from '#lib/schedule/timetable.ts'
import { type Cost, cpuBetween } from './cost.ts'
import type { Connected, Round } from './stage.ts'

/** What was measured with so many listeners. */
export interface Stage {
  listeners: number
  connected: Connected
  rounds: Round[]
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
  limits: string
}

/** The mean of all looks: every second one comes with a refresh of the token, which Spotify ends after an hour. */
function perPoll({ rounds: turns }: Stage, between: (before: Cost, after: Cost) => number): number {
  const cost = turns.reduce((sum, { before, after }) => sum + between(before, after), 0)
  return cost / turns.reduce((sum, { listeners }) => sum + listeners, 0)
}

/** Milliseconds. */
export function cpuPerPoll(stage: Stage): number {
  return perPoll(stage, (before, after) => cpuBetween(before, after).seconds * SECOND)
}

/** Milliseconds of one of the processes. */
export function cpuPerPollOf(stage: Stage, name: string): number {
  return perPoll(stage, (before, after) => (cpuBetween(before, after).by.get(name) ?? 0) * SECOND)
}

export function statementsPerPoll(stage: Stage): number {
  return perPoll(stage, (before, after) => after.statements - before.statements)
}

/** Looks a second while everybody waits for theirs. */
export function pollsPerSecond({ rounds: turns }: Stage): number {
  const looks = turns.reduce((sum, { listeners }) => sum + listeners, 0)
  return looks / turns.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Milliseconds that the plan takes for one listener. */
export function planningPerListener({ rounds: turns }: Stage): number {
  const took = turns.reduce((sum, { planningMs }) => sum + planningMs, 0)
  return took / turns.reduce((sum, { listeners }) => sum + listeners, 0)
}

/** Milliseconds of a run of all streams. */
export function cpuPerRun({ before, after, listeners }: Connected): number {
  return (cpuBetween(before, after).seconds * SECOND) / listeners
}

export function statementsPerRun({ before, after, listeners }: Connected): number {
  return (after.statements - before.statements) / listeners
}

export function requestsPerRun({ before, after, listeners }: Connected): number {
  return (after.requests - before.requests) / listeners
}

/** Looks a day on the plan that is in force when a listener chooses nothing. */
export const POLLS_PER_DAY = runsPerDay(PERISHABLE, PLANS[PERISHABLE])
