'use client'

import type { ReactNode } from 'react'
import type { Run, RunsProgressResponse } from '#lib/api/runs.ts'
import { formatCount, inSentences } from './format.ts'
import { formatChanges, formatRunDuration, formatRunTitle } from './format-run.ts'
import { Link } from './link.tsx'
import { Moment, useNow } from './moment.tsx'
import classes from './run-line.module.css'
import { StateBadge } from './state-badge.tsx'

interface Props {
  run: Run
  progress: RunsProgressResponse['progress'][string] | undefined
  /** In lists with runs of several listeners. */
  listenerName?: string
  children?: ReactNode
}

/** One run in a list of runs. */
export function RunLine({ run, progress, listenerName, children }: Props) {
  const duration = formatRunDuration(run, useNow())
  const facts = [
    progress && `${progress.done} of ${progress.total} done`,
    formatChanges(run.totals),
    duration,
    run.kind === 'extract' && formatCount(run.totals.requests, 'request'),
  ].filter(Boolean)
  return (
    <li className={classes.line}>
      <span className={classes.state}>
        <StateBadge state={run.state} />
      </span>
      <div className={classes.text}>
        <p>
          <Link href={`/runs/${run.id}`} className={classes.title}>
            {formatRunTitle(run)}
          </Link>
          {listenerName && <span className={classes.dimmed}> · {listenerName}</span>}
          <span className={classes.dimmed}>
            {' · '}
            <Moment at={run.queuedAt} />
          </span>
        </p>
        {/* Server and browser render at different moments, so a running duration differs. */}
        <p className={classes.facts} suppressHydrationWarning>
          {facts.join(' · ')}
        </p>
        {run.waitingUntil && run.state === 'waiting' && (
          <p className={classes.facts}>
            resumes <Moment at={run.waitingUntil} />
          </p>
        )}
        {run.problem && <p className={classes.problem}>{inSentences(run.problem, run.remedy)}</p>}
      </div>
      {children && <div className={classes.actions}>{children}</div>}
    </li>
  )
}

/** A list of runs, newest first. */
export function RunLines({ children }: { children: ReactNode }) {
  return <ol className={classes.lines}>{children}</ol>
}
