'use client'

import { asProblem } from '#app/_ui/answers.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemFace } from '#app/_ui/problem.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useAnswer } from '#app/_ui/use-answer.ts'
import type { ConnectionsAnswer } from '#lib/api/answers.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { NoSnowflakePanel } from './no-snowflake-panel.tsx'
import { SpotifyPanel } from './spotify-panel.tsx'
import { WarehousePanel } from './warehouse-panel.tsx'

/** The Spotify connection and the warehouses. */
export function Connections() {
  const { data, isPending, error, refetch } = useAnswer<ConnectionsAnswer>('/api/connections')
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
        </>
      ) : (
        <ProblemFace problem={asProblem(error)} onRetry={() => refetch()} />
      )}
    </>
  )
}
