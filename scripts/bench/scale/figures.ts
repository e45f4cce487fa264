import { MINUTE, SECOND } from '#lib/core/clock.ts'
import type { Figure } from '#scripts/bench/figure.ts'
import { formatMemory, totalOf } from '#scripts/bench/process-tree.ts'
import { quantile } from '#scripts/bench/timing.ts'
import { extrapolated } from './extrapolated.ts'
import {
  cpuPerPoll,
  cpuPerRun,
  type Measured,
  requestsPerRun,
  type Stage,
  statementsPerPoll,
  statementsPerRun,
} from './measured.ts'
import { POLL_INTERVAL_MS, type Round } from './stage.ts'

/** How much the cost per listener may grow from few to many; two identical measurements differ by as much. */
const MAX_GROWTH = 1.2

export function figures(measured: Measured): Figure[] {
  return [...onTime(measured), ...scaling(measured), ...sizes(measured), ...extrapolated(measured)]
}

/** Whether all polls were in time on a small machine. */
function onTime({ household, limits }: Measured): Figure[] {
  const { listeners, rounds, memory } = household
  const how = `The whole instance was ${limits}. All ${listeners} listeners are due at the same instant, while an ordinary day spreads them over half an hour. Measured from then to the end of each poll and its load, including up to 60 s of waiting for the plan (PLAN_EVERY=1m; up to 300 s by default). ${rounds.length} rounds, half an hour of simulated time apart; the simulated Spotify has its own core.`
  const delays = rounds.flatMap((round) => round.delays)
  const planned = rounds.length * listeners
  const missed = planned - delays.length + rounds.reduce((sum, { failed }) => sum + failed, 0)
  const cost = cpuPerPoll(household)
  return [
    {
      name: `missed or failed polls, ${listeners} listeners`,
      value: missed,
      unit: '',
      target: { atMost: 0 },
      baseline: `of ${planned}, of which ${countWithPlays(rounds)} found new plays`,
      how,
    },
    {
      name: `due to done, the slowest of ${listeners} listeners`,
      value: Math.max(...delays) / SECOND,
      unit: 's',
      target: { atMost: POLL_INTERVAL_MS / SECOND },
      baseline: `median ${inSeconds(quantile(delays, 0.5))}, p95 ${inSeconds(quantile(delays, 0.95))}; the next poll is due after ${POLL_INTERVAL_MS / SECOND} s`,
      how,
    },
    {
      name: `memory, ${listeners} listeners`,
      value: totalOf(memory),
      unit: 'MB',
      target: { atMost: 1024 },
      baseline: formatMemory(memory),
      how: `${how} The peak of samples every two seconds, starting with the first runs of the last ${household.connected.listeners} listeners.`,
    },
    {
      name: `share of a core for the polls of ${listeners} listeners`,
      value: ((listeners * cost) / POLL_INTERVAL_MS) * 100,
      unit: '%',
      baseline: `${listeners} × ${cost.toFixed(1)} ms in ${POLL_INTERVAL_MS / MINUTE} minutes`,
      how: 'CPU time of all processes of the instance in the rounds above, including the plan.',
    },
  ]
}

/** Whether a listener costs the same with many as with few. */
function scaling({ few, nextDay, many }: Measured): Figure[] {
  const names = `${many.listeners.toLocaleString('en')} compared with ${few.listeners} listeners`
  const polls = `Polls of recently played for all listeners at once, the mean of ${many.rounds.length} rounds with each number of listeners, including the plan’s tick. In every second round the token has expired, which adds a rejected request and a refresh.`
  const first = `First runs of all streams, of the first ${few.listeners} listeners and of the last ${many.connected.listeners}.`
  const ratio = (name: string, [a, b]: [number, number], unit: string, how: string): Figure => ({
    name: `${name}, ${names}`,
    value: b / a,
    unit: '×',
    target: { atMost: MAX_GROWTH },
    baseline: `${b.toFixed(1)}, compared with ${a.toFixed(1)} ${unit}`.trim(),
    how,
  })
  return [
    ratio('CPU time of a poll', [cpuPerPoll(few), cpuPerPoll(many)], 'ms', polls),
    ratio('statements of a poll', [statementsPerPoll(few), statementsPerPoll(many)], '', polls),
    ratio('CPU time of a first run', [cpuPerRun(few.connected), cpuPerRun(many.connected)], 'ms', first),
    ratio('statements of a first run', [statementsPerRun(few.connected), statementsPerRun(many.connected)], '', first),
    {
      name: 'CPU time of a daily run',
      value: cpuPerRun(nextDay),
      unit: 'ms',
      baseline: `${statementsPerRun(nextDay).toFixed(0)} statements, ${requestsPerRun(nextDay).toFixed(1)} requests`,
      how: `All streams of ${nextDay.listeners} listeners, one simulated day after their first runs.`,
    },
  ]
}

function sizes({ few, many }: Measured): Figure[] {
  const kilobytes = ({ connected }: Stage, what: 'postgres' | 'landing' | 'warehouses') =>
    (connected.after[what] - connected.before[what]) / connected.listeners / 1000
  const how = `Added per listener by the first runs of the last ${many.connected.listeners} listeners; each has about 14 months of plays and ${requestsPerRun(many.connected).toFixed(0)} responses. File sizes are as allocated on disk.`
  const size = (name: string, what: 'postgres' | 'landing' | 'warehouses'): Figure => ({
    name: `${name} after the first run`,
    value: kilobytes(many, what),
    unit: 'kB',
    baseline: `${kilobytes(few, what).toFixed(0)} kB with ${few.listeners} listeners`,
    how,
  })
  return [
    size('Postgres', 'postgres'),
    size('landing zone', 'landing'),
    size('warehouse', 'warehouses'),
    {
      name: `open files of the web process, ${many.listeners.toLocaleString('en')} listeners`,
      value: many.openFiles,
      unit: '',
      target: { atMost: 1024 },
      baseline: `${few.openFiles} with ${few.listeners}`,
      how: 'After the last round, including idle warehouses; each active poll has a handful more. The target is a common limit per process.',
    },
    {
      name: `memory, ${many.listeners.toLocaleString('en')} listeners`,
      value: totalOf(many.memory),
      unit: 'MB',
      target: { atMost: 1229 },
      baseline: formatMemory(many.memory),
      how: 'The peak of samples every two seconds, including first runs and rounds.',
    },
  ]
}

function countWithPlays(rounds: Round[]): number {
  return rounds.reduce((sum, round) => sum + round.withPlays, 0)
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / SECOND).toFixed(1)} s`
}
