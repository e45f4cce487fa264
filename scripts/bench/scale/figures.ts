import { MINUTE, SECOND } from '#lib/core/clock.ts'
import type { Figure } from '#scripts/bench/figure.ts'
import { formatMemory } from '#scripts/bench/memory.ts'
import { totalOf } from '#scripts/bench/process-tree.ts'
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

/** The cost of a listener may grow by so much from few to many, which is what measuring twice differs by. */
const MAX_GROWTH = 1.2

export function figures(measured: Measured): Figure[] {
  return [...onTime(measured), ...scaling(measured), ...sizes(measured), ...extrapolated(measured)]
}

/** Whether everybody was looked at in time, on a small machine. */
function onTime({ household, limits: held }: Measured): Figure[] {
  const { listeners, rounds: turns, memory } = household
  const how = `The whole instance was ${held}. The plans of all ${listeners} listeners are set to the same instant, which no usual day does: they are spread over the half hour. From then to the end of each look and of its load; with PLAN_EVERY=1m up to 60 s of it are the wait for the plan, with the default up to 300 s. ${turns.length} times, the second half an hour of simulated time after the first; the simulated Spotify has a core of its own.`
  const delays = turns.flatMap((turn) => turn.delays)
  const planned = turns.length * listeners
  const missed = planned - delays.length + turns.reduce((sum, { failed: bad }) => sum + bad, 0)
  const cost = cpuPerPoll(household)
  return [
    {
      name: `looks that were missed or failed, ${listeners} listeners`,
      value: missed,
      unit: '',
      target: { atMost: 0 },
      baseline: `of ${planned}, of which ${countWithPlays(turns)} found new plays`,
      how,
    },
    {
      name: `planned to done, the slowest of ${listeners} listeners`,
      value: Math.max(...delays) / SECOND,
      unit: 's',
      target: { atMost: POLL_INTERVAL_MS / SECOND },
      baseline: `median ${inSeconds(quantile(delays, 0.5))}, p95 ${inSeconds(quantile(delays, 0.95))}; the next look comes after ${POLL_INTERVAL_MS / SECOND} s`,
      how,
    },
    {
      name: `memory, ${listeners} listeners`,
      value: totalOf(memory),
      unit: 'MB',
      target: { atMost: 1024 },
      baseline: formatMemory(memory),
      how: `${how} The largest of looks every two seconds, from the first runs of the last ${household.connected.listeners} listeners on.`,
    },
    {
      name: `share of a core that the looks of ${listeners} listeners take`,
      value: ((listeners * cost) / POLL_INTERVAL_MS) * 100,
      unit: '%',
      baseline: `${listeners} × ${cost.toFixed(1)} ms in ${POLL_INTERVAL_MS / MINUTE} minutes`,
      how: 'Processor time of all processes of the instance in the turns above, the plan included.',
    },
  ]
}

/** Whether a listener costs the same among many as among few. */
function scaling({ few, nextDay, many }: Measured): Figure[] {
  const names = `${many.listeners.toLocaleString('en')} against ${few.listeners} listeners`
  const looks = `Looks at recently played of all listeners at once, the mean of ${many.rounds.length} turns with each number of listeners, the plan’s tick included. In one of two the token has ended: that look takes a refused request and a refresh.`
  const first = `First runs of all streams, of the first ${few.listeners} listeners and of the last ${many.connected.listeners}.`
  const ratio = (name: string, [a, b]: [number, number], unit: string, how: string): Figure => ({
    name: `${name}, ${names}`,
    value: b / a,
    unit: '×',
    target: { atMost: MAX_GROWTH },
    baseline: `${b.toFixed(1)} against ${a.toFixed(1)} ${unit}`.trim(),
    how,
  })
  return [
    ratio('processor time of a look', [cpuPerPoll(few), cpuPerPoll(many)], 'ms', looks),
    ratio('statements of a look', [statementsPerPoll(few), statementsPerPoll(many)], '', looks),
    ratio('processor time of a first run', [cpuPerRun(few.connected), cpuPerRun(many.connected)], 'ms', first),
    ratio('statements of a first run', [statementsPerRun(few.connected), statementsPerRun(many.connected)], '', first),
    {
      name: 'processor time of a daily run',
      value: cpuPerRun(nextDay),
      unit: 'ms',
      baseline: `${statementsPerRun(nextDay).toFixed(0)} statements, ${requestsPerRun(nextDay).toFixed(1)} requests`,
      how: `All streams of ${nextDay.listeners} listeners, a day of simulated time after their first runs.`,
    },
  ]
}

function sizes({ few, many }: Measured): Figure[] {
  const kilobytes = ({ connected }: Stage, what: 'postgres' | 'landing' | 'warehouses') =>
    (connected.after[what] - connected.before[what]) / connected.listeners / 1000
  const how = `What the first runs of the last ${many.connected.listeners} listeners added, by listener; each has about 14 months of listening and ${requestsPerRun(many.connected).toFixed(0)} answers. Files as the disk counts them.`
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
      how: 'After the last turn, with what rests open; each look that goes on has a handful more. The target is what many systems allow a process.',
    },
    {
      name: `memory, ${many.listeners.toLocaleString('en')} listeners`,
      value: totalOf(many.memory),
      unit: 'MB',
      target: { atMost: 1229 },
      baseline: formatMemory(many.memory),
      how: 'The largest of looks every two seconds, first runs and turns together.',
    },
  ]
}

function countWithPlays(turns: Round[]): number {
  return turns.reduce((sum, turn) => sum + turn.withPlays, 0)
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / SECOND).toFixed(1)} s`
}
