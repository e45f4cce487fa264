'use client'

import { PageTop } from '#app/_ui/frame/page-top.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemFace } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getConnections } from '#lib/api/client.ts'
import { NoSnowflakePanel } from './no-snowflake-panel.tsx'
import { SpotifyPanel } from './spotify-panel.tsx'
import { WarehousePanel } from './warehouse-panel.tsx'

/** Where the data comes from and where it goes. */
export function Connections() {
  const { data, isPending, error, refetch } = useEndpoint(getConnections)
  return (
    <>
      <PageTop title="Connections" />
      {isPending ? (
        <Placeholder height={480} />
      ) : data ? (
        <>
          <SpotifyPanel spotify={data.spotify} />
          {data.warehouses.map((warehouse) => (
            <WarehousePanel key={warehouse.kind} warehouse={warehouse} />
          ))}
          {data.warehouses.every(({ kind }) => kind !== 'snowflake') && <NoSnowflakePanel />}
        </>
      ) : (
        <ProblemFace problem={asProblem(error)} onRetry={() => refetch()} />
      )}
    </>
  )
}
