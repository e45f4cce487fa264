import type { Phase } from '#lib/api/lists.ts'
import { Bar } from './bar.tsx'
import { formatCount, formatNumber } from './format.ts'
import classes from './phase-bar.module.css'

export interface StreamProgress {
  phase: Phase
  expectedItems: number | null
  landedItems: number
}

/** How a stream that is done has ended. */
export type Outcome = 'succeeded' | 'failed' | 'queued'

/** What is done of extracting, in percent; loading and a good end are all of it. */
function percentOf({ phase, expectedItems, landedItems }: StreamProgress, outcome: Outcome): number {
  if (phase === 'queued') return 0
  if (phase === 'loading' || (phase === 'done' && outcome === 'succeeded')) return 100
  if (phase === 'done' && !landedItems) return 0
  return expectedItems ? Math.min(100, Math.round((100 * landedItems) / expectedItems)) : 5
}

function wordsOf({ phase, expectedItems, landedItems }: StreamProgress, outcome: Outcome): string {
  if (phase === 'done' && landedItems) return formatCount(landedItems, 'item')
  if (phase === 'done') return outcome === 'succeeded' ? 'done' : ''
  if (phase !== 'extracting' || !landedItems) return phase
  // A run of several reads lands more than one of them has.
  const isWhole = expectedItems === null || landedItems > expectedItems
  return `${phase}, ${formatNumber(landedItems)}${isWhole ? '' : ` of ${formatNumber(expectedItems)}`}`
}

interface Props {
  title: string
  progress: StreamProgress
  outcome?: Outcome
}

/** How far a stream is: queued, extracting, loading, done. */
export function PhaseBar({ title, progress, outcome = 'succeeded' }: Props) {
  const words = wordsOf(progress, outcome)
  return (
    <div className={classes.phase}>
      <Bar
        label={title}
        percent={percentOf(progress, outcome)}
        words={words}
        tone={progress.phase === 'done' ? outcome : 'running'}
      />
      <span className={classes.words}>{words}</span>
    </div>
  )
}
