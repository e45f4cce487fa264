import type { Phase } from '#lib/api/lists.ts'
import { Bar } from './bar.tsx'
import { formatCount, formatNumber } from './format.ts'
import classes from './phase-bar.module.css'

export interface StreamProgress {
  phase: Phase
  expectedItems: number | null
  landedItems: number
}

const PHASE_LABELS: Record<Phase, string> = {
  queued: 'queued',
  extracting: 'fetching',
  loading: 'saving',
  done: 'done',
}

/** How a finished stream ended. */
export type Outcome = 'succeeded' | 'failed' | 'queued'

/** Progress of extracting in percent. Loading, and a good end, count as all of it. */
function percentOf({ phase, expectedItems, landedItems }: StreamProgress, outcome: Outcome): number {
  if (phase === 'queued') return 0
  if (phase === 'loading' || (phase === 'done' && outcome === 'succeeded')) return 100
  if (phase === 'done' && !landedItems) return 0
  return expectedItems ? Math.min(100, Math.round((100 * landedItems) / expectedItems)) : 5
}

function formatPhase({ phase, expectedItems, landedItems }: StreamProgress, outcome: Outcome): string {
  if (phase === 'done' && landedItems) return formatCount(landedItems, 'item')
  if (phase === 'done') return outcome === 'succeeded' ? 'done' : ''
  if (phase !== 'extracting' || !landedItems) return PHASE_LABELS[phase]
  // A run of several reads lands more items than one read expects.
  const hasTotal = expectedItems !== null && landedItems <= expectedItems
  return `${PHASE_LABELS[phase]}, ${formatNumber(landedItems)}${hasTotal ? ` of ${formatNumber(expectedItems)}` : ''}`
}

interface Props {
  title: string
  progress: StreamProgress
  outcome?: Outcome
}

/** Progress of one stream: queued, extracting, loading, done. */
export function PhaseBar({ title, progress, outcome = 'succeeded' }: Props) {
  const text = formatPhase(progress, outcome)
  return (
    <div className={classes.phase}>
      <Bar
        label={title}
        percent={percentOf(progress, outcome)}
        text={text}
        tone={progress.phase === 'done' ? outcome : 'running'}
      />
      <span className={classes.text}>{text}</span>
    </div>
  )
}
