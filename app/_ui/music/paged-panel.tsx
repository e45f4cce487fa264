'use client'

import { Button } from '@mantine/core'
import { type UseQueryResult, useInfiniteQuery } from '@tanstack/react-query'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem, request } from '#app/_ui/request.ts'
import { type ChartName, type ChartsResponse, getChart } from '#lib/api/client.ts'
import classes from './music.module.css'

/** Longer lists would make the page slow; the search and the table downloads have the rest. */
const MAX_ROWS = 2_000

/** Rows of the skeleton. */
const FIRST_ROWS = 10

interface Props {
  chart: ChartName
  /** The response with the list's first page. */
  query: UseQueryResult<ChartsResponse>
  /** The parameters of that request. */
  params: Record<string, string | undefined>
}

/** A list that shows its first page, and more of it on request. */
export function PagedPanel({ chart, query, params }: Props) {
  const first = query.data?.charts.find((one) => one.chart === chart)
  const pages = useInfiniteQuery({
    queryKey: ['more', chart, params, first?.asOf],
    queryFn: ({ pageParam, signal }) =>
      request(getChart, { params: { chart }, query: { ...params, cursor: pageParam } }, { signal }),
    initialPageParam: first?.next ?? '',
    getNextPageParam: ({ next }) => next,
    // Only on request.
    enabled: false,
  })
  const more = pages.data?.pages.flatMap(({ rows }) => rows) ?? []
  const rows = [...(first?.rows ?? []), ...more]
  const hasMore = rows.length < MAX_ROWS && (pages.data ? pages.hasNextPage : Boolean(first?.next))
  const data = query.data && {
    charts: query.data.charts.map((one) => (one.chart === chart ? { ...one, rows } : one)),
  }
  return (
    <div>
      <ChartPanel
        chart={chart}
        query={{ ...query, data } as UseQueryResult<ChartsResponse>}
        limit={Math.max(rows.length, FIRST_ROWS)}
      />
      {pages.error && <ProblemText problem={asProblem(pages.error)} />}
      {hasMore && (
        <Button
          className={classes.more}
          variant="default"
          loading={pages.isFetchingNextPage || pages.isFetching}
          onClick={() => pages.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </div>
  )
}
