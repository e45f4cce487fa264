'use client'

import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { getRunsProgress } from '#lib/api/client.ts'
import type { Run, RunsResponse } from '#lib/api/runs.ts'
import { Link } from './link.tsx'
import { useLiveInterval } from './me.tsx'
import { Placeholder } from './placeholder.tsx'
import { ProblemPanel } from './problem.tsx'
import { asProblem } from './request.ts'
import { RunLine, RunLines } from './run-line.tsx'
import classes from './run-list.module.css'
import { useEndpoint } from './use-endpoint.ts'

interface Props {
  query: UseQueryResult<RunsResponse>
  /** Shown when there are no runs. */
  empty: string
  /** Address of the page at a cursor; null is the first page. */
  pageAt: (cursor: string | null) => string
  isFirstPage: boolean
  listenerName?: (id: string) => string | undefined
  buttons: (run: Run) => ReactNode
}

/** Runs, newest first. Runs in progress update live. */
export function RunList({ query, empty, pageAt, isFirstPage, listenerName, buttons }: Props) {
  const ids = (query.data?.runs ?? []).map(({ id }) => id)
  const { data: progress } = useEndpoint(getRunsProgress, {
    query: { ids: ids.join(',') },
    enabled: ids.length > 0,
    every: useLiveInterval(),
  })
  if (query.isPending) return <Placeholder height={320} />
  if (!query.data) return <ProblemPanel problem={asProblem(query.error)} onRetry={() => query.refetch()} />
  const { runs, next } = query.data
  return (
    <>
      {runs.length === 0 && <p className={classes.empty}>{empty}</p>}
      <RunLines>
        {runs.map((run) => (
          <RunLine
            key={run.id}
            run={run}
            progress={progress?.progress[run.id]}
            listenerName={listenerName?.(run.listener)}
          >
            {buttons(run)}
          </RunLine>
        ))}
      </RunLines>
      <nav className={classes.pages} aria-label="Pagination">
        {!isFirstPage && <Link href={pageAt(null)}>Newest</Link>}
        {next && <Link href={pageAt(next)}>Older</Link>}
      </nav>
    </>
  )
}
