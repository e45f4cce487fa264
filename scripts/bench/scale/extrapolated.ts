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
/** As it is when nobody sets it. */
const PLAN_EVERY_MS = 5 * MINUTE

/** What 10,000 listeners would take, by arithmetic from the largest number that was measured. */
export function extrapolated(measured: Measured): Figure[] {
  return [...time(measured), disk(measured)]
}

function time({ nextDay, many }: Measured): Figure[] {
  const look = cpuPerPoll(many)
  const web = cpuPerPollOf(many, 'web')
  const daily = cpuPerRun(nextDay)
  const tick = (LISTENERS * PLAN_EVERY_MS) / POLL_INTERVAL_MS
  return [
    {
      name: 'cores for 10,000 listeners, a day through',
      value: (LISTENERS * (POLLS_PER_DAY * look + daily)) / DAY,
      unit: '',
      baseline: `10,000 × (${POLLS_PER_DAY} looks × ${look.toFixed(1)} ms + ${daily.toFixed(0)} ms) / 86,400 s`,
      how: 'Arithmetic.',
    },
    {
      name: 'cores in the hour of daily runs, 10,000 listeners of one time zone',
      value: (LISTENERS * daily) / HOUR,
      unit: '',
      baseline: `10,000 × ${daily.toFixed(0)} ms / 3,600 s`,
      how: 'Arithmetic. Whoever chooses no time is read between 5:00 and 6:00 of their zone.',
    },
    {
      name: 'share of its one core that looks take of the web process, 10,000 listeners awake',
      value: ((LISTENERS * web) / POLL_INTERVAL_MS) * 100,
      unit: '%',
      baseline: `10,000 × ${web.toFixed(1)} ms in ${POLL_INTERVAL_MS / MINUTE} minutes`,
      how: 'Arithmetic. All listeners in their waking hours at once; pages and daily runs come on top.',
    },
    {
      name: 'time to look at all of 10,000 listeners, against the half hour',
      value: (LISTENERS / pollsPerSecond(many)) * (SECOND / POLL_INTERVAL_MS) * 100,
      unit: '%',
      baseline: `10,000 / ${pollsPerSecond(many).toFixed(1)} looks a second = ${(LISTENERS / pollsPerSecond(many)).toFixed(0)} s`,
      how: 'Arithmetic, from the rate that two slots reached on one core.',
    },
    {
      name: 'longest tick of the plan, 10,000 listeners',
      value: (tick * planningPerListener(many)) / SECOND,
      unit: 's',
      target: { atMost: PLAN_EVERY_MS / SECOND },
      baseline: `${tick.toFixed(0)} due within ${PLAN_EVERY_MS / MINUTE} minutes × ${planningPerListener(many).toFixed(1)} ms`,
      how: 'Arithmetic, from the time between the first and the last run that a tick wrote while everybody was due.',
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
    how: 'Arithmetic, from what a first run adds. What a year adds stands under "Size of the data".',
  }
}
