import type { RunProgressResponse } from '#lib/api/runs.ts'
import { Bar } from './bar.tsx'
import { formatCount, formatNumber } from './format.ts'
import { STATE_LABELS } from './format-run.ts'
import classes from './phase-bar.module.css'
import { toneOf } from './state-badge.tsx'

export type StreamProgress = Omit<RunProgressResponse['streams'][string], 'title'>

/** What a stream is doing, or how it ended: "fetching, 50 of 1,200", "saving", "1,200 items", "skipped". */
function formatProgress({ state, phase, landedItems, expectedItems, pastDays }: StreamProgress): string {
  if (state === 'waiting' || state === 'skipped') return STATE_LABELS[state]
  if (phase === 'done') return landedItems ? formatCount(landedItems, 'item') : STATE_LABELS[state]
  if (phase === 'queued') return 'queued'
  if (phase === 'loading') return 'saving'
  if (pastDays && pastDays.done > 0)
    return `past days, ${formatNumber(pastDays.done)} of ${formatNumber(pastDays.total)}`
  if (!landedItems) return 'fetching'
  // A list that is read again lands more items than it has.
  const hasTotal = expectedItems !== null && landedItems <= expectedItems
  return `fetching, ${formatNumber(landedItems)}${hasTotal ? ` of ${formatNumber(expectedItems)}` : ''}`
}

/** What a failed stream has left undone stays empty; an ended one without items has done nothing or all of it. */
function percentOf({ state, phase, percent, landedItems, expectedItems }: StreamProgress): number | null {
  const hasEnded = phase === 'done' && state !== 'skipped'
  if (!hasEnded || state === 'succeeded' || state === 'nothing new') return percent
  return expectedItems ? Math.min(100, Math.floor((100 * landedItems) / expectedItems)) : 0
}

interface Props {
  title: string
  progress: StreamProgress
  /** The state is shown beside it, so the text does not repeat it. */
  hasBadge?: boolean
}

/** Progress of one stream, the same on every page: queued, fetching, saving, and how it ended. */
export function PhaseBar({ title, progress, hasBadge = false }: Props) {
  const text = formatProgress(progress)
  const isActive = progress.phase === 'extracting' && progress.state !== 'waiting'
  return (
    <div className={classes.phase}>
      <Bar
        label={title}
        percent={percentOf(progress)}
        text={text}
        tone={isActive ? 'running' : toneOf(progress.state)}
      />
      {!(hasBadge && text === STATE_LABELS[progress.state]) && <span className={classes.text}>{text}</span>}
    </div>
  )
}
