'use client'

import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getConnections } from '#lib/api/client.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { LakePanel } from './lake-panel.tsx'
import { NoSnowflakePanel } from './no-snowflake-panel.tsx'
import { SpotifyPanel } from './spotify-panel.tsx'
import { WarehousePanel } from './warehouse-panel.tsx'

/** The Spotify connection and the warehouses. */
export function Connections() {
  const { data, isPending, error, refetch } = useEndpoint(getConnections)
  return (
    <>
      <PageHeader title="Connections" />
      {isPending ? (
        <Placeholder height={480} />
      ) : data ? (
        <>
          <SpotifyPanel spotify={data.spotify} />
          {data.warehouses.map((warehouse) => (
            <WarehousePanel key={warehouse.kind} warehouse={warehouse} />
          ))}
          {data.warehouses.every(({ kind }) => warehouseFacts[kind].embedded) && <NoSnowflakePanel />}
          {data.lake && <LakePanel lake={data.lake} />}
        </>
      ) : (
        <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
      )}
    </>
  )
}
