'use client'

import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { CALM_MS, LIVE_MS, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getImports } from '#lib/api/client.ts'
import type { ImportOverview } from '#lib/api/imports.ts'
import { HowTo } from './how-to.tsx'
import classes from './import.module.css'
import { ImportItem } from './import-item.tsx'
import { OpenImport } from './open-import.tsx'
import { UploadArea } from './upload-area.tsx'

const isOpen = ({ endedAt }: ImportOverview) => endedAt === null

/** Imports what a listener exported elsewhere, and lists their imports. */
export function Import() {
  const { serving } = useMe()
  return (
    <>
      <PageHeader title="Import" />
      {serving === 'embedded' ? <Imports /> : <ConnectedOnly />}
    </>
  )
}

function Imports() {
  const imports = useEndpoint(getImports, {
    every: (response) => (response?.imports.some(isOpen) ? LIVE_MS : CALM_MS),
  })
  if (imports.isError && !imports.data)
    return (
      <Panel title="Your imports">
        <ProblemPanel problem={asProblem(imports.error)} onRetry={() => imports.refetch()} />
      </Panel>
    )
  if (!imports.data)
    return (
      <Panel title="Your imports">
        <RowsPlaceholder rows={4} rowHeight={72} />
      </Panel>
    )
  const open = imports.data.imports.find(isOpen)
  const ended = imports.data.imports.filter((one) => !isOpen(one))
  return (
    <>
      {open ? <OpenImport one={open} /> : <UploadArea />}
      {ended.length > 0 && (
        <Panel title="Your imports">
          <ul className={classes.imports}>
            {ended.map((one) => (
              <ImportItem key={one.id} one={one} mayUndo={!open} />
            ))}
          </ul>
        </Panel>
      )}
      <HowTo />
    </>
  )
}

/** On instances whose pages are served from each listener's Snowflake. */
function ConnectedOnly() {
  return (
    <Panel title="Your imports">
      <p className={classes.prose}>
        Imports need a built-in copy of your tables. This instance keeps none and serves its pages from your own
        Snowflake. Its operator can change that. <Link href="/connections">Connections</Link>
      </p>
    </Panel>
  )
}
