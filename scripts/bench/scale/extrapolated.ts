import { DAY, MINUTE, SECOND } from '../../../lib/clock.ts'
import { totalOf } from '../family.ts'
import type { Figure } from '../figure.ts'
import {
  LOOKS_A_DAY,
  type Measured,
  planningPerListener,
  pollsPerSecond,
  processorPerFirstRun,
  processorPerPoll,
  processorPerPollOf,
  type Stage,
} from './measured.ts'
import { CYCLE_MS } from './stage.ts'

const LISTENERS = 10_000
/** As it is when nobody sets it. */
const PLAN_EVERY_MS = 5 * MINUTE

/** What 10,000 listeners would take, by arithmetic from the largest number that was measured. */
export function extrapolated(measured: Measured): Figure[] {
  return [...time(measured.many), ...room(measured)]
}

function time(many: Stage): Figure[] {
  const look = processorPerPoll(many)
  const web = processorPerPollOf(many, 'web')
  const daily = processorPerFirstRun(many)
  const perDay = (LOOKS_A_DAY * look + daily) / SECOND
  const tick = (LISTENERS * PLAN_EVERY_MS) / CYCLE_MS
  return [
    {
      name: 'cores for 10,000 listeners, a day through',
      value: (LISTENERS * perDay * SECOND) / DAY,
      unit: '',
      baseline: `10,000 × (${LOOKS_A_DAY} looks × ${look.toFixed(1)} ms + ${daily.toFixed(0)} ms) / 86,400 s`,
      how: 'Arithmetic. For the daily run of all streams stands what a first run takes, which reads more.',
    },
    {
      name: 'share of its one core that looks take of the web process, 10,000 listeners awake',
      value: ((LISTENERS * web) / CYCLE_MS) * 100,
      unit: '%',
      baseline: `10,000 × ${web.toFixed(1)} ms in ${CYCLE_MS / MINUTE} minutes`,
      how: 'Arithmetic. All listeners in their waking hours at once; pages and daily runs come on top.',
    },
    {
      name: 'time to look at all of 10,000 listeners, against the half hour',
      value: (LISTENERS / pollsPerSecond(many)) * (SECOND / CYCLE_MS) * 100,
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

function room({ household, many }: Measured): Figure[] {
  const bytes = (['postgres', 'landing', 'warehouses'] as const).map((what) => {
    const { before, after } = many.connected
    return [what, (after[what] - before[what]) / many.connected.listeners] as const
  })
  const perListener = bytes.reduce((sum, [, size]) => sum + size, 0)
  const growth = (totalOf(many.memory) - totalOf(household.memory)) / (many.listeners - household.listeners)
  return [
    {
      name: 'disk for 10,000 listeners after their first runs',
      value: (LISTENERS * perListener) / 1e6,
      unit: 'MB',
      baseline: bytes.map(([what, size]) => `${what} ${(size / 1000).toFixed(0)} kB`).join(' + '),
      how: 'Arithmetic, 10,000 × what a first run adds. What a year adds stands under "Size of the data".',
    },
    {
      name: 'memory for 10,000 listeners',
      value: totalOf(many.memory) + Math.max(0, growth) * (LISTENERS - many.listeners),
      unit: 'MB',
      target: { atMost: 1229 },
      baseline: `${totalOf(many.memory).toFixed(0)} MB + ${(LISTENERS - many.listeners).toLocaleString('en')} × ${(growth * 1024).toFixed(1)} kB`,
      how: 'Arithmetic: each further listener adds what each added from the second to the third size.',
    },
  ]
}
