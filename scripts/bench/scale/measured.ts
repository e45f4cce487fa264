import { SECOND } from '#lib/core/clock.ts'
import { runsPerDay } from '#lib/schedule/planned-requests.ts'
import { PERISHABLE, PLANS } from '#lib/schedule/timetable.ts'
import { type Cost, cpuBetween } from './cost.ts'
import type { Connected, Round } from './stage.ts'

/** The measurements with a number of listeners. */
export interface Stage {
  listeners: number
  connected: Connected
  rounds: Round[]
  /** The peak, by process. */
  memory: Map<string, number>
  /** Of the web process. */
  openFiles: number
}

export interface Measured {
  few: Stage
  /** The runs of the next day with few listeners. */
  nextDay: Connected
  household: Stage
  many: Stage
  /** How the instance was limited. */
  limits: string
}

/** The mean of all polls. Every second poll refreshes the token, which expires after an hour. */
function perPoll({ rounds }: Stage, between: (before: Cost, after: Cost) => number): number {
  const cost = rounds.reduce((sum, { before, after }) => sum + between(before, after), 0)
  return cost / rounds.reduce((sum, { listeners }) => sum + listeners, 0)
}

/** In milliseconds. */
export function cpuPerPoll(stage: Stage): number {
  return perPoll(stage, (before, after) => cpuBetween(before, after).seconds * SECOND)
}

/** In milliseconds, for one of the processes. */
export function cpuPerPollOf(stage: Stage, name: string): number {
  return perPoll(stage, (before, after) => (cpuBetween(before, after).by.get(name) ?? 0) * SECOND)
}

export function statementsPerPoll(stage: Stage): number {
  return perPoll(stage, (before, after) => after.statements - before.statements)
}

/** Polls per second while all listeners are due. */
export function pollsPerSecond({ rounds }: Stage): number {
  const polls = rounds.reduce((sum, { listeners }) => sum + listeners, 0)
  return polls / rounds.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Milliseconds that the plan takes per listener. */
export function planningPerListener({ rounds }: Stage): number {
  const total = rounds.reduce((sum, { planningMs }) => sum + planningMs, 0)
  return total / rounds.reduce((sum, { listeners }) => sum + listeners, 0)
}

/** Milliseconds per run of all streams. */
export function cpuPerRun({ before, after, listeners }: Connected): number {
  return (cpuBetween(before, after).seconds * SECOND) / listeners
}

export function statementsPerRun({ before, after, listeners }: Connected): number {
  return (after.statements - before.statements) / listeners
}

export function requestsPerRun({ before, after, listeners }: Connected): number {
  return (after.requests - before.requests) / listeners
}

/** Polls per day on the default schedule. */
export const POLLS_PER_DAY = runsPerDay(PERISHABLE, PLANS[PERISHABLE])
