'use client'

import { Button, VisuallyHidden } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import Link from 'next/link'
import { type ReactNode, useState } from 'react'
import type { ChartName, ChartResponse, ChartsResponse } from '#lib/api/client.ts'
import type { MeResponse } from '#lib/api/me.ts'
import type { ChartMetadata } from '#lib/charts/chart.ts'
import { useChartMetadata } from './chart-metadata.tsx'
import classes from './chart-panel.module.css'
import type { ChartRow, DrawingKind } from './draw/drawing.ts'
import { kindOf } from './draw/index.ts'
import { isActive, useMe } from './me.tsx'
import { Panel } from './panel.tsx'
import { ProblemFace } from './problem.tsx'
import { asProblem } from './request.ts'
import { TableView } from './table-view.tsx'

/** A list has its fifty places; an excerpt names its own limit. */
const MOST_ROWS = 50

interface Props {
  chart: ChartName
  /** One answer may hold the charts of a whole page. */
  answer: UseQueryResult<ChartsResponse>
  /** Rows that an excerpt shows; the table view shows all. */
  limit?: number
  /** Where the same stands in detail. */
  detail?: { href: string; word: string }
}

/** Nothing connected, still being fetched, and nothing to show are different things. */
function emptyText({ consent, lastRun }: MeResponse, empty: string): ReactNode {
  if (consent.state === 'disconnected') {
    return (
      <>
        Spotify is not connected, so there is nothing to show. <Link href="/connections">Connect it</Link>
      </>
    )
  }
  if (lastRun && isActive(lastRun.state)) {
    return 'Your data is being fetched right now. What there is appears here by itself.'
  }
  return empty
}

/** Over the shape of what will be there: the connected warehouse needs a moment. */
function Preparing({ children }: { children: ReactNode }) {
  return (
    <div className={classes.preparing}>
      {children}
      <p role="status">Your warehouse is being asked…</p>
    </div>
  )
}

interface ContentProps extends Props {
  metadata: ChartMetadata
  kind: DrawingKind
  rows: ChartRow[] | undefined
  isPreparing: boolean
  isTable: boolean
}

function Content({ metadata, answer, limit = MOST_ROWS, kind, rows, isPreparing, isTable }: ContentProps) {
  const me = useMe()
  if (answer.isPending) return kind.placeholder(limit)
  if (!rows) return <ProblemFace problem={asProblem(answer.error)} onRetry={() => answer.refetch()} />
  if (rows.length === 0 && isPreparing) return <Preparing>{kind.placeholder(limit)}</Preparing>
  if (rows.length === 0) return <p className={classes.empty}>{emptyText(me, metadata.empty)}</p>
  return (
    <div className={classes.content} data-stale={answer.isPlaceholderData || isPreparing}>
      <VisuallyHidden component="p">{kind.summary(rows)}</VisuallyHidden>
      {isTable && kind.columns ? (
        <TableView caption={metadata.title} columns={kind.columns(rows)} rows={rows} />
      ) : (
        kind.picture(rows, limit)
      )}
    </div>
  )
}

/** A chart with its four faces: loading, problem, empty, drawing or table. A refetch keeps what is there. */
export function ChartPanel(props: Props) {
  const { chart, answer, detail } = props
  const metadata = useChartMetadata(chart)
  const [isTable, setTable] = useState(false)
  const kind = kindOf(metadata.draw)
  const found: ChartResponse | undefined = answer.data?.charts.find((one) => one.chart === chart)
  const rows = found?.rows
  const isPreparing = found?.preparing ?? false
  const content = (
    <Content {...props} metadata={metadata} kind={kind} rows={rows} isPreparing={isPreparing} isTable={isTable} />
  )
  if (!kind.columns && (answer.isPending || isPreparing || rows?.length)) {
    return (
      <section aria-label={metadata.title}>
        <VisuallyHidden component="h2">{metadata.title}</VisuallyHidden>
        {content}
      </section>
    )
  }
  return (
    <Panel
      title={metadata.title}
      action={
        <>
          {detail && <Link href={detail.href}>{detail.word}</Link>}
          {kind.columns && (
            <Button
              variant={isTable ? 'filled' : 'default'}
              size="compact-xs"
              aria-pressed={isTable}
              onClick={() => setTable((before) => !before)}
            >
              Table
            </Button>
          )}
        </>
      }
    >
      {content}
    </Panel>
  )
}
