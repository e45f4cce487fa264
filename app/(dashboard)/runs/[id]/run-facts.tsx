'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatNumber, inSentences } from '#app/_ui/format.ts'
import { Moment, useNow } from '#app/_ui/moment.tsx'
import { changeWords, durationWords, triggerWords } from '#app/_ui/run-words.ts'
import { StateBadge } from '#app/_ui/state-badge.tsx'
import type { RunDetailResponse } from '#lib/api/runs.ts'
import classes from './run-detail.module.css'

const DEEDS: Record<RunDetailResponse['kind'], string> = {
  extract: 'Extract from Spotify',
  load: 'Load into Snowflake',
}

/** What the run does, who began the run, when, how it ended and what it changed. */
export function RunFacts({ run }: { run: RunDetailResponse }) {
  const duration = durationWords(run, useNow())
  const facts: [word: string, fact: ReactNode][] = [
    ['State', <StateBadge key="state" state={run.state} />],
    ['Does', DEEDS[run.kind]],
    ['Begun', triggerWords(run)],
    [
      'Repeats',
      run.rerunOf && (
        <Link key="repeats" href={`/runs/${run.rerunOf}`}>
          an earlier run
        </Link>
      ),
    ],
    ['Queued', <Moment key="queued" at={run.queuedAt} as="exact" />],
    // Server and browser say a moment apart how long it has taken so far.
    ['Took', duration && <span suppressHydrationWarning>{duration}</span>],
    ['Rows', changeWords(run.totals)],
    ['Not kept', formatNumber(run.totals.rejected)],
    ['Requests', run.kind === 'extract' ? formatNumber(run.totals.requests) : null],
    ['Goes on', run.waitingUntil && <Moment key="waiting" at={run.waitingUntil} />],
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
