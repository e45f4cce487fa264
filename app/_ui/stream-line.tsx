import type { ReactNode } from 'react'
import type { Run, StreamRun } from '#lib/api/runs.ts'
import { formatBytes, formatCount, formatNumber, inSentences } from './format.ts'
import { formatChanges, formatRunDuration } from './format-run.ts'
import { Moment } from './moment.tsx'
import { PhaseBar, type StreamProgress } from './phase-bar.tsx'
import { StateBadge } from './state-badge.tsx'
import classes from './stream-line.module.css'

/** An ended stream counts as done, even if the progress response is older. */
function progressOf({ state, items }: StreamRun, progress: StreamProgress | undefined): StreamProgress {
  const hasEnded = state !== 'queued' && state !== 'running' && state !== 'waiting'
  const known = progress ?? { phase: 'queued', percent: 0, expectedItems: null, pastDays: null }
  return { ...known, state, landedItems: items, ...(hasEnded ? { phase: 'done', percent: 100 } : {}) }
}

function formatRejected(rejected: StreamRun['rejected']): string[] {
  return Object.entries(rejected).map(([reason, count]) => `${formatNumber(count)} rejected (${reason})`)
}

interface Props {
  /** A load makes no requests to Spotify. */
  kind: Run['kind']
  stream: StreamRun
  progress: (StreamProgress & { title: string }) | undefined
  /** Milliseconds since 1970, for durations still running. */
  now: number
  buttons?: ReactNode
}

/** One stream of a run: state, phase, counts, and a problem with its remedy. */
export function StreamLine({ kind, stream, progress, now, buttons }: Props) {
  const title = progress?.title ?? stream.stream
  const facts = [
    formatChanges(stream),
    stream.unchanged > 0 && `${formatNumber(stream.unchanged)} unchanged`,
    stream.withheld > 0 && `${formatNumber(stream.withheld)} withheld by Spotify`,
    ...formatRejected(stream.rejected),
    stream.duplicates > 0 && formatCount(stream.duplicates, 'duplicate'),
    stream.pages > 0 && formatCount(stream.pages, 'page'),
    kind === 'extract' && formatCount(stream.requests, 'request'),
    stream.bytes > 0 && formatBytes(stream.bytes),
    formatRunDuration(stream, now),
    stream.whole && 'full re-sync',
    stream.attempt > 1 && `attempt ${stream.attempt}`,
  ].filter(Boolean)
  return (
    <li className={classes.line}>
      <StateBadge state={stream.state} />
      <div>
        <div className={classes.head}>
          <h3>{title}</h3>
          <PhaseBar title={title} progress={progressOf(stream, progress)} hasBadge />
        </div>
        <div className={classes.foot}>
          {/* Server and browser render at different moments, so a running duration differs. */}
          <p className={classes.facts} suppressHydrationWarning>
            {facts.join(' · ')}
          </p>
          {buttons && <div className={classes.buttons}>{buttons}</div>}
        </div>
        {stream.state === 'waiting' && stream.waitingUntil && (
          <p className={classes.facts}>
            resumes <Moment at={stream.waitingUntil} />
          </p>
        )}
        {stream.problem && (
          <p className={classes.problem}>
            {inSentences(stream.problem)}{' '}
            <span className={classes.remedy}>
              {inSentences(stream.recoveredAt ? 'A later sync has read it. Nothing to do.' : stream.remedy)}
            </span>
          </p>
        )}
      </div>
    </li>
  )
}
