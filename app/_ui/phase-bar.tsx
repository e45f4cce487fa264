import type { Phase } from '../../lib/answers.ts'
import { Bar } from './bar.tsx'
import { formatNumber } from './format.ts'
import classes from './phase-bar.module.css'

export interface StreamProgress {
  phase: Phase
  expectedItems: number | null
  landedItems: number
}

/** What is done of extracting, in percent; loading and done are all of it. */
function percentOf({ phase, expectedItems, landedItems }: StreamProgress): number {
  if (phase === 'queued') return 0
  if (phase !== 'extracting') return 100
  return expectedItems ? Math.min(100, Math.round((100 * landedItems) / expectedItems)) : 5
}

function words({ phase, expectedItems, landedItems }: StreamProgress): string {
  if (phase === 'done') return landedItems ? `${formatNumber(landedItems)} items` : 'done'
  if (phase !== 'extracting' || !landedItems) return phase
  return `${phase}, ${formatNumber(landedItems)}${expectedItems ? ` of ${formatNumber(expectedItems)}` : ''}`
}

/** How far a stream is: queued, extracting, loading, done. */
export function PhaseBar({ title, progress }: { title: string; progress: StreamProgress }) {
  return (
    <div className={classes.phase}>
      <Bar
        label={title}
        percent={percentOf(progress)}
        words={words(progress)}
        tone={progress.phase === 'done' ? 'succeeded' : 'running'}
      />
      <span className={classes.words}>{words(progress)}</span>
    </div>
  )
}
