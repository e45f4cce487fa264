'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { useMemo, useRef, useState } from 'react'
import { emptyText } from '#app/_ui/empty-text.tsx'
import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { addressOf } from '#app/_ui/table-catalog.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getQueries, getTables } from '#lib/api/client.ts'
import type { SavedQuery } from '#lib/api/sql.ts'
import type { TableInfo } from '#lib/api/tables.ts'
import { parametersOf } from '#lib/core/sql-parameters.ts'
import type { EditorHandle } from './editor-props.ts'
import { EXAMPLES } from './examples.ts'
import { QueryPanel } from './query-panel.tsx'
import { quoted } from './quoted.ts'
import { ResultPanel } from './result-panel.tsx'
import { Sidebar } from './sidebar.tsx'
import classes from './sql.module.css'
import { useDraft } from './use-draft.ts'
import { useSql } from './use-sql.ts'

/** The parameter of the address that names a saved query. */
const QUERY = 'query'

const NO_QUERIES: SavedQuery[] = []

/** SQL over the listener's own tables. */
export function Sql() {
  const { serving } = useMe()
  return (
    <>
      <PageHeader title="SQL" />
      {serving === 'embedded' ? <Workspace /> : <ConnectedOnly />}
    </>
  )
}

function Workspace() {
  const me = useMe()
  const tables = useEndpoint(getTables, { every: false })
  const queries = useEndpoint(getQueries, { every: false })
  const failed = tables.isError && !tables.data ? tables : queries.isError && !queries.data ? queries : null
  if (failed)
    return (
      <Panel title="Query">
        <ProblemPanel problem={asProblem(failed.error)} onRetry={() => failed.refetch()} />
      </Panel>
    )
  if (!tables.data || !queries.data)
    return (
      <Panel title="Query">
        <RowsPlaceholder rows={8} rowHeight={48} />
      </Panel>
    )
  if (tables.data.tables.length === 0)
    return (
      <Panel title="Query">
        <p className={classes.empty}>{emptyText(me, 'No tables yet. They appear with your first sync.')}</p>
      </Panel>
    )
  return <Editing tables={tables.data.tables} queries={queries.data.queries ?? NO_QUERIES} />
}

function Editing({ tables, queries }: { tables: TableInfo[]; queries: SavedQuery[] }) {
  const examples = useMemo(() => offeredExamples(tables), [tables])
  const { requested, opened, open } = useOpened(queries)
  const [sql, setSql] = useDraft(opened, examples[0]?.sql ?? firstLook(tables))
  const [values, setValues] = useState<Record<string, string>>({})
  const editor = useRef<EditorHandle>(null)
  const { run, cancel, ran, problem, runningSince, dismiss } = useSql()
  const parameters = useMemo(() => parametersOf(sql), [sql])
  const pick = (text: string) => {
    if (requested !== null) open(null)
    setSql(text)
    dismiss()
    editor.current?.focus()
  }
  const insert = (text: string) => editor.current?.insert(text)
  return (
    <div className={classes.workspace}>
      <div className={classes.main}>
        <QueryPanel
          editor={editor}
          tables={tables}
          sql={sql}
          onChange={setSql}
          parameters={parameters}
          values={values}
          onValue={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
          opened={opened}
          missing={requested !== null && !opened ? requested : null}
          onOpen={open}
          onRun={() => {
            // A value that nobody typed isn't sent, so that the response can ask for it.
            const params = Object.fromEntries(
              parameters.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
            )
            void run({ sql, params })
          }}
          onCancel={cancel}
          runningSince={runningSince}
          problem={problem}
        />
        <ResultPanel ran={ran} name={opened?.name} isRunning={runningSince !== null} />
      </div>
      <Sidebar
        tables={tables}
        examples={examples}
        queries={queries}
        opened={opened}
        onInsert={insert}
        onPick={pick}
        onOpen={open}
      />
    </div>
  )
}

/** Before the first build there is nothing for an example. */
function firstLook([first]: TableInfo[]): string {
  return first ? `select *\nfrom ${first.schema}.${quoted(first.name)}\nlimit 100` : ''
}

/** Only those whose tables exist. */
function offeredExamples(tables: TableInfo[]) {
  const existing = new Set(tables.map(addressOf))
  return EXAMPLES.filter(({ reads }) => reads.every((table) => existing.has(table)))
}

/** The saved query that the address names, and a way to another one. */
function useOpened(queries: SavedQuery[]) {
  const searchParams = useSearchParams()
  const pathname = usePathname()
  const requested = searchParams.get(QUERY)
  const opened = queries.find(({ name }) => name === requested)
  return {
    requested,
    opened,
    open(name: string | null) {
      const params = new URLSearchParams(searchParams)
      if (name === null) params.delete(QUERY)
      else params.set(QUERY, name)
      window.history.pushState(null, '', params.size > 0 ? `${pathname}?${params}` : pathname)
    },
  }
}

/** On instances whose pages are served from each listener's Snowflake. */
function ConnectedOnly() {
  return (
    <Panel title="Query">
      <p className={classes.prose}>
        This page queries a built-in copy of your tables, and this instance keeps none: your tables are in your own
        Snowflake. Query them there, in a worksheet. <Link href="/connections/snowflake">Connections</Link> shows their
        database and schemas.
      </p>
    </Panel>
  )
}
