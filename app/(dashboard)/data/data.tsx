'use client'

import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getChecks, getTables } from '#lib/api/client.ts'
import { BuildsPanel } from './builds-panel.tsx'
import { Catalog } from './catalog.tsx'
import { ChecksPanel } from './checks-panel.tsx'
import { CoveragePanel } from './coverage-panel.tsx'
import classes from './data.module.css'
import { DbtPanel } from './dbt-panel.tsx'
import { BUILDS } from './shown-builds.ts'
import { TablePanels } from './table-panels.tsx'

const REFRESH_MS = 60_000

interface Props {
  /** As schema.name; all tables if undefined. */
  table: string | undefined
  /** Whose coverage is shown; the current one if undefined. */
  year: number | undefined
}

/** Coverage by day, and all tables of the built-in warehouse with their lineage, or one of them. */
export function Data({ table, year }: Props) {
  const { serving } = useMe()
  return (
    <>
      <PageHeader title="Data" />
      {serving === 'embedded' ? <Tables table={table} year={year} /> : <ConnectedOnly />}
    </>
  )
}

function Tables({ table: address, year }: Props) {
  const tables = useEndpoint(getTables, { every: REFRESH_MS })
  const checks = useEndpoint(getChecks, { query: BUILDS, every: REFRESH_MS })
  const failed = tables.isError && !tables.data ? tables : checks.isError && !checks.data ? checks : null
  if (failed)
    return (
      <Panel title="Tables">
        <ProblemPanel problem={asProblem(failed.error)} onRetry={() => failed.refetch()} />
      </Panel>
    )
  if (!tables.data || !checks.data)
    return (
      <Panel title="Tables">
        <RowsPlaceholder rows={12} rowHeight={56} />
      </Panel>
    )
  if (address !== undefined) return <TablePanels address={address} tables={tables.data.tables} checks={checks.data} />
  return (
    <>
      <CoveragePanel year={year} />
      <ChecksPanel checks={checks.data} tables={tables.data.tables} />
      <Catalog tables={tables.data.tables} checks={checks.data.checks} />
      {tables.data.publishedAt && <PublishedNote at={tables.data.publishedAt} />}
      <BuildsPanel builds={checks.data.builds} />
      <DbtPanel target="duckdb" />
    </>
  )
}

function PublishedNote({ at }: { at: string }) {
  return (
    <p className={classes.prose}>
      Published as files <Moment at={at} />. <Link href="/connections/lake">Data lake</Link>
    </p>
  )
}

/** On instances whose pages are served from each listener's Snowflake. */
function ConnectedOnly() {
  return (
    <>
      <Panel title="Tables">
        <p className={classes.prose}>
          Your tables are in your own Snowflake. This instance keeps no built-in copy of them, so there is nothing to
          list, check or download here. <Link href="/connections/snowflake">Connections</Link> shows the rows and states
          of the raw tables.
        </p>
      </Panel>
      <DbtPanel target="snowflake" />
    </>
  )
}
