'use client'

import type { ReactNode } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatNumber, inSentences } from '#app/_ui/format.ts'
import { formatChanges, formatRunDuration, formatStartedBy } from '#app/_ui/format-run.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment, useNow } from '#app/_ui/moment.tsx'
import { StateBadge } from '#app/_ui/state-badge.tsx'
import type { RunDetailResponse } from '#lib/api/runs.ts'
import classes from './run-detail.module.css'

const TYPE_LABELS: Record<RunDetailResponse['kind'], string> = {
  extract: 'Sync from Spotify',
  load: 'Load into Snowflake',
}

/** A run's type, trigger, times, outcome and changes. */
export function RunFacts({ run }: { run: RunDetailResponse }) {
  const duration = formatRunDuration(run, useNow())
  const facts: [label: string, fact: ReactNode][] = [
    ['State', <StateBadge key="state" state={run.state} />],
    ['Type', TYPE_LABELS[run.kind]],
    ['Started by', formatStartedBy(run)],
    [
      'Re-run of',
      run.rerunOf && (
        <Link key="rerun" href={`/runs/${run.rerunOf}`}>
          an earlier sync
        </Link>
      ),
    ],
    ['Queued', <Moment key="queued" at={run.queuedAt} as="exact" />],
    // Server and browser render at different moments, so a running duration differs.
    ['Duration', duration && <span suppressHydrationWarning>{duration}</span>],
    ['Changes', formatChanges(run.totals)],
    ['Rejected', formatNumber(run.totals.rejected)],
    ['Duplicates', formatNumber(run.totals.duplicates)],
    ['Withheld by Spotify', run.totals.withheld > 0 ? formatNumber(run.totals.withheld) : null],
    ['Requests', run.kind === 'extract' ? formatNumber(run.totals.requests) : null],
    ['Resumes', run.waitingUntil && <Moment key="waiting" at={run.waitingUntil} />],
  ]
  return (
    <>
      <FactList facts={facts} />
      {run.problem && (
        <p className={classes.problem}>
          {inSentences(run.problem)} <span>{inSentences(run.remedy)}</span>
        </p>
      )}
    </>
  )
}
