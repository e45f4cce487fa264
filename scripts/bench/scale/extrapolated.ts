import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/clock.ts'
import type { Figure } from '#scripts/bench/figure.ts'
import {
  cpuPerPoll,
  cpuPerPollOf,
  cpuPerRun,
  type Measured,
  POLLS_PER_DAY,
  planningPerListener,
  pollsPerSecond,
} from './measured.ts'
import { POLL_INTERVAL_MS } from './stage.ts'

const LISTENERS = 10_000
/** The default. */
const PLAN_EVERY_MS = 5 * MINUTE

/** Calculates the cost of 10,000 listeners from the largest number that was measured. */
export function extrapolated(measured: Measured): Figure[] {
  return [...time(measured), disk(measured)]
}

function time({ nextDay, many }: Measured): Figure[] {
  const poll = cpuPerPoll(many)
  const web = cpuPerPollOf(many, 'web')
  const daily = cpuPerRun(nextDay)
  const tick = (LISTENERS * PLAN_EVERY_MS) / POLL_INTERVAL_MS
  return [
    {
      name: 'cores for 10,000 listeners, daily average',
      value: (LISTENERS * (POLLS_PER_DAY * poll + daily)) / DAY,
      unit: '',
      baseline: `10,000 × (${POLLS_PER_DAY} polls × ${poll.toFixed(1)} ms + ${daily.toFixed(0)} ms) / 86,400 s`,
      how: 'Calculated.',
    },
    {
      name: 'cores in the hour of daily runs, 10,000 listeners in one time zone',
      value: (LISTENERS * daily) / HOUR,
      unit: '',
      baseline: `10,000 × ${daily.toFixed(0)} ms / 3,600 s`,
      how: 'Calculated. By default, listeners are read between 5:00 and 6:00 in their time zone.',
    },
    {
      name: 'share of a core that polls take in the web process, 10,000 listeners awake',
      value: ((LISTENERS * web) / POLL_INTERVAL_MS) * 100,
      unit: '%',
      baseline: `10,000 × ${web.toFixed(1)} ms in ${POLL_INTERVAL_MS / MINUTE} minutes`,
      how: 'Calculated. All listeners are in their waking hours at once; pages and daily runs come on top.',
    },
    {
      name: 'time to poll all of 10,000 listeners, as a share of half an hour',
      value: (LISTENERS / pollsPerSecond(many)) * (SECOND / POLL_INTERVAL_MS) * 100,
      unit: '%',
      baseline: `10,000 / ${pollsPerSecond(many).toFixed(1)} polls per second = ${(LISTENERS / pollsPerSecond(many)).toFixed(0)} s`,
      how: 'Calculated from the rate that two slots reached on one core.',
    },
    {
      name: 'longest tick of the plan, 10,000 listeners',
      value: (tick * planningPerListener(many)) / SECOND,
      unit: 's',
      target: { atMost: PLAN_EVERY_MS / SECOND },
      baseline: `${tick.toFixed(0)} due within ${PLAN_EVERY_MS / MINUTE} minutes × ${planningPerListener(many).toFixed(1)} ms`,
      how: 'Calculated from the time between the first and the last run that a tick created while all listeners were due.',
    },
  ]
}

function disk({ many }: Measured): Figure {
  const { before, after, listeners } = many.connected
  const bytes = (['postgres', 'landing', 'warehouses'] as const).map(
    (what) => [what, (after[what] - before[what]) / listeners] as const,
  )
  const perListener = bytes.reduce((sum, [, size]) => sum + size, 0)
  return {
    name: 'disk for 10,000 listeners after their first runs',
    value: (LISTENERS * perListener) / 1e6,
    unit: 'MB',
    baseline: `10,000 × (${bytes.map(([what, size]) => `${what} ${(size / 1000).toFixed(0)} kB`).join(' + ')})`,
    how: 'Calculated from what a first run adds. See "Size of the data" for what a year adds.',
  }
}
