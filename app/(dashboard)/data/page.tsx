import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { getChecks, getTables } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { listChecks } from '#lib/query/checks.ts'
import { listTables } from '#lib/query/tables.ts'
import { Data } from './data.tsx'
import { BUILDS } from './shown-builds.ts'

export const metadata = { title: 'Data' }

export default async function DataPage({ searchParams }: { searchParams: SearchParams }) {
  const { id } = await requireListener()
  const table = await searchParam(searchParams, 'table')
  return (
    <Prefetched
      responses={[
        prefetch(getTables, () => listTables(id)),
        prefetch(getChecks, () => listChecks(id, BUILDS), { query: BUILDS }),
      ]}
    >
      <Data key={table ?? ''} table={table} />
    </Prefetched>
  )
}
