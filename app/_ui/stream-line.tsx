import type { ReactNode } from 'react'
import type { Run, StreamRun } from '#lib/api/runs.ts'
import { formatBytes, formatCount, formatNumber, inSentences } from './format.ts'
import { Moment } from './moment.tsx'
import { type Outcome, PhaseBar, type StreamProgress } from './phase-bar.tsx'
import { changeWords, durationWords } from './run-words.ts'
import { StateBadge } from './state-badge.tsx'
import classes from './stream-line.module.css'

/** What has ended is done, whatever the progress said a moment before. */
function progressOf({ state, items }: StreamRun, progress: StreamProgress | undefined): StreamProgress {
  const isOver = state !== 'queued' && state !== 'running' && state !== 'waiting'
  if (isOver) return { phase: 'done', expectedItems: progress?.expectedItems ?? null, landedItems: items }
  return progress ?? { phase: 'queued', expectedItems: null, landedItems: items }
}

function outcomeOf({ state }: StreamRun): Outcome {
  if (state === 'failed') return 'failed'
  return state === 'succeeded' || state === 'nothing new' ? 'succeeded' : 'queued'
}

function rejectedWords(rejected: StreamRun['rejected']): string[] {
  return Object.entries(rejected).map(([reason, count]) => `${formatNumber(count)} not kept (${reason})`)
}

interface Props {
  /** A load asks Spotify for nothing. */
  kind: Run['kind']
  stream: StreamRun
  progress: (StreamProgress & { title: string }) | undefined
  /** Milliseconds since 1970, for what is still under way. */
  now: number
  /** What can be done with this stream. */
  buttons?: ReactNode
}

/** One stream of a run: state, phase, counts, and a problem with its remedy. */
export function StreamLine({ kind, stream, progress, now, buttons }: Props) {
  const title = progress?.title ?? stream.stream
  const facts = [
    changeWords(stream),
    stream.unchanged > 0 && `${formatNumber(stream.unchanged)} unchanged`,
    ...rejectedWords(stream.rejected),
    stream.pages > 0 && formatCount(stream.pages, 'page'),
    kind === 'extract' && formatCount(stream.requests, 'request'),
    stream.bytes > 0 && formatBytes(stream.bytes),
    durationWords(stream, now),
    stream.whole && 'read whole',
    stream.attempt > 1 && `attempt ${stream.attempt}`,
  ].filter(Boolean)
  return (
    <li className={classes.line}>
      <StateBadge state={stream.state} />
      <div className={classes.words}>
        <div className={classes.head}>
          <h3>{title}</h3>
          <PhaseBar title={title} progress={progressOf(stream, progress)} outcome={outcomeOf(stream)} />
        </div>
        <div className={classes.foot}>
          {/* Server and browser say a moment apart how long it has taken so far. */}
          <p className={classes.facts} suppressHydrationWarning>
            {facts.join(' · ')}
          </p>
          {buttons && <div className={classes.buttons}>{buttons}</div>}
        </div>
        {stream.state === 'waiting' && stream.waitingUntil && (
          <p className={classes.facts}>
            goes on <Moment at={stream.waitingUntil} />
          </p>
        )}
        {stream.problem && (
          <p className={classes.problem}>
            {inSentences(stream.problem)} <span className={classes.remedy}>{inSentences(stream.remedy)}</span>
          </p>
        )}
      </div>
    </li>
  )
}
