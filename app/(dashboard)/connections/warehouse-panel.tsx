'use client'

import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatBytes, formatCount, inSentences } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { rebuildWarehouse } from '#lib/api/client.ts'
import type { ConnectionsResponse } from '#lib/api/connections.ts'
import { type WarehouseKind, warehouseFacts } from '#lib/warehouse/facts.ts'
import classes from './connections.module.css'

const NAMES: Record<WarehouseKind, string> = { duckdb: 'Built-in warehouse', snowflake: 'Snowflake' }

/** A warehouse that holds the listener's tables. */
export function WarehousePanel({ warehouse }: { warehouse: ConnectionsResponse['warehouses'][number] }) {
  const { kind, state, detail, bytes, waitingReads, lastLoadedAt, problem, remedy } = warehouse
  const facts: [label: string, fact: ReactNode][] = [
    ['State', state],
    ['Size', bytes === null ? null : formatBytes(bytes)],
    ['Last loaded', lastLoadedAt ? <Moment key="loaded" at={lastLoadedAt} /> : 'never'],
    ['Waiting to load', waitingReads > 0 ? formatCount(waitingReads, 'update') : null],
  ]
  return (
    <Panel
      title={NAMES[kind]}
      action={!warehouseFacts[kind].embedded && <Link href={`/connections/${kind}`}>Manage</Link>}
    >
      <FactList facts={facts} />
      <p className={classes.detail}>{detail}</p>
      {problem && <p className={classes.problem}>{inSentences(problem, remedy)}</p>}
      {warehouseFacts[kind].embedded && state === 'failed' && <RebuildButton />}
    </Panel>
  )
}

/** Queues the loads that create the new file. */
function RebuildButton() {
  const { mutate, error, isPending } = useAction(rebuildWarehouse, { quiet: true })
  return (
    <div className={classes.rebuild}>
      <p className={classes.detail}>
        Rebuild creates a new file and reloads everything synced so far. The damaged file is kept next to it.
      </p>
      <Button size="xs" loading={isPending} onClick={() => mutate()}>
        Rebuild
      </Button>
      {error && <ProblemText problem={asProblem(error)} />}
    </div>
  )
}
