'use client'

import { Button, VisuallyHidden } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import type { ChartName, ChartResponse, ChartsResponse } from '#lib/api/client.ts'
import type { ChartMetadata, Measure } from '#lib/charts/chart.ts'
import { useChartMetadata } from './chart-metadata.tsx'
import classes from './chart-panel.module.css'
import { ChartMenuButton } from './download/chart-menu-button.tsx'
import type { ChartRow, DrawingKind } from './draw/drawing.ts'
import { kindOf, withMeasure } from './draw/index.ts'
import { emptyText } from './empty-text.tsx'
import { Link } from './link.tsx'
import { useMe } from './me.tsx'
import { OnDemand } from './on-demand.tsx'
import { Panel } from './panel.tsx'
import { ProblemPanel } from './problem.tsx'
import { asProblem } from './request.ts'
import { TableView } from './table-view.tsx'

/** Spotify's lists have fifty entries; an excerpt passes its own limit. */
const MAX_ROWS = 50

const chartMenu = () => import('./download/chart-menu.tsx').then((module) => module.ChartMenu)

interface Props {
  chart: ChartName
  /** Instead of the chart's own title. */
  title?: string
  /** One response holds the charts of a whole page. */
  query: UseQueryResult<ChartsResponse>
  /** Instead of the chart's own text for no rows. */
  empty?: ReactNode
  /** Rows shown in an excerpt. The table view shows all. */
  limit?: number
  /** What is drawn, of charts that have plays and minutes. */
  measure?: Measure
  /** Link to the full list. */
  detail?: { href: string; label: string }
}

/** Shown over the skeleton while a connected warehouse prepares the result. */
function Preparing({ children }: { children: ReactNode }) {
  return (
    <div className={classes.preparing}>
      {children}
      <p role="status">Querying your warehouse…</p>
    </div>
  )
}

const isEmpty = (kind: DrawingKind, rows: ChartRow[]) => rows.length === 0 || kind.isEmpty?.(rows) === true

interface ContentProps extends Props {
  metadata: ChartMetadata
  kind: DrawingKind
  rows: ChartRow[] | undefined
  /** What the list was searched for. */
  search: string | undefined
  isPreparing: boolean
  isTable: boolean
}

function Content({ metadata, query, empty, search, limit = MAX_ROWS, kind, rows, isPreparing, isTable }: ContentProps) {
  const me = useMe()
  if (query.isPending) return kind.placeholder(limit)
  if (!rows) return <ProblemPanel problem={asProblem(query.error)} onRetry={() => query.refetch()} />
  if (rows.length === 0 && isPreparing) return <Preparing>{kind.placeholder(limit)}</Preparing>
  if (rows.length === 0 && search) return <p className={classes.empty}>Nothing matches “{search}”.</p>
  if (isEmpty(kind, rows)) return <p className={classes.empty}>{emptyText(me, empty ?? metadata.empty)}</p>
  const tooFew = kind.tooFew?.(rows)
  if (tooFew && !isTable) return <p className={classes.empty}>{emptyText(me, tooFew)}</p>
  return (
    <div className={classes.content} data-stale={query.isPlaceholderData || isPreparing}>
      <VisuallyHidden component="p">{kind.summary(rows)}</VisuallyHidden>
      {isTable && kind.columns ? (
        <TableView caption={metadata.title} columns={kind.columns(rows)} rows={rows} />
      ) : (
        kind.picture(rows, limit)
      )}
    </div>
  )
}

/** A chart in its four states: loading, problem, empty, and content as drawing or table. A refetch keeps the content. */
export function ChartPanel(props: Props) {
  const { chart, query, measure, detail } = props
  const metadata = { ...useChartMetadata(chart), ...(props.title ? { title: props.title } : {}) }
  const [isTable, setTable] = useState(false)
  const kind = kindOf(withMeasure(metadata.draw, measure))
  const found: ChartResponse | undefined = query.data?.charts.find((one) => one.chart === chart)
  const rows = found?.rows
  const drawn = useRef<HTMLDivElement>(null)
  const isPreparing = found?.preparing ?? false
  const content = (
    <Content
      {...props}
      metadata={metadata}
      kind={kind}
      rows={rows}
      search={found?.params.search}
      isPreparing={isPreparing}
      isTable={isTable}
    />
  )
  if (!kind.columns && (query.isPending || isPreparing || rows?.length)) {
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
          {detail && <Link href={detail.href}>{detail.label}</Link>}
          {kind.columns && !(rows && isEmpty(kind, rows)) && (
            <Button
              variant={isTable ? 'filled' : 'default'}
              size="compact-xs"
              aria-pressed={isTable}
              onClick={() => setTable((before) => !before)}
            >
              Table
            </Button>
          )}
          {found && rows && rows.length > 0 && (
            <OnDemand
              load={chartMenu}
              own={{
                title: metadata.title,
                name: [chart, ...Object.values(found.params)].join('-'),
                rows,
                content: drawn,
              }}
            >
              {(standIn) => <ChartMenuButton chart={metadata.title} {...standIn} />}
            </OnDemand>
          )}
        </>
      }
    >
      {metadata.note && <p className={classes.note}>{metadata.note}</p>}
      <div ref={drawn}>{content}</div>
    </Panel>
  )
}
