import type { Phase } from '../../lib/answers.ts'
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
  const percent = percentOf(progress)
  return (
    <div className={classes.phase}>
      <div
        className={classes.track}
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={words(progress)}
      >
        <div className={classes.bar} data-phase={progress.phase} style={{ width: `${percent}%` }} />
      </div>
      <span className={classes.words}>{words(progress)}</span>
    </div>
  )
}
