'use client'

import { Link } from '#app/_ui/link.tsx'
import { isActive, useSnowflakeStatusSync } from '#app/_ui/me.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { CALM_MS, LIVE_MS, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getWarehouse } from '#lib/api/client.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import { CadencePanel } from './cadence-panel.tsx'
import { Connection } from './connection.tsx'
import { CostPanel } from './cost-panel.tsx'
import { KeyPanel } from './key-panel.tsx'
import { LoadsPanel } from './loads-panel.tsx'
import { MethodsPanel } from './methods-panel.tsx'
import { StatePanel } from './state-panel.tsx'
import { TablesPanel } from './tables-panel.tsx'

/** Status, loads and cost of an existing connection. */
function Operation({ warehouse }: { warehouse: SnowflakeResponse }) {
  return (
    <>
      <StatePanel warehouse={warehouse} />
      <Columns>
        <CadencePanel warehouse={warehouse} />
        {warehouse.fields.method === 'key pair' && <KeyPanel warehouse={warehouse} />}
      </Columns>
      <TablesPanel warehouse={warehouse} />
      <Columns>
        <LoadsPanel loads={warehouse.loads} />
        <CostPanel days={warehouse.days} />
      </Columns>
      <MethodsPanel warehouse={warehouse} />
    </>
  )
}

function Loading() {
  return (
    <Columns>
      <Placeholder height={640} />
      <Placeholder height={640} />
    </Columns>
  )
}

/** The listener's own Snowflake: connect, watch, change and disconnect it. */
export function Snowflake() {
  const { data, isPending, error, refetch } = useEndpoint(getWarehouse, {
    every: (warehouse) => (warehouse?.state === 'loading' || isActive(warehouse?.loads[0]?.state) ? LIVE_MS : CALM_MS),
  })
  useSnowflakeStatusSync(data?.state)
  return (
    <>
      <PageHeader title="Snowflake" />
      <p>
        <Link href="/connections">All connections</Link>
      </p>
      {isPending ? (
        <Loading />
      ) : data ? (
        <>
          {data.connected && <Operation warehouse={data} />}
          <Connection warehouse={data} />
        </>
      ) : (
        <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
      )}
    </>
  )
}
