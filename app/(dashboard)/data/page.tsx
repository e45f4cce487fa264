import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { getChecks, getCoverage, getTables } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { listChecks } from '#lib/query/checks.ts'
import { coverageOf } from '#lib/query/coverage/coverage.ts'
import { listTables } from '#lib/query/tables.ts'
import { Data } from './data.tsx'
import { BUILDS } from './shown-builds.ts'

export const metadata = { title: 'Data' }

export default async function DataPage({ searchParams }: { searchParams: SearchParams }) {
  const { id } = await requireListener()
  const table = await searchParam(searchParams, 'table')
  const year = yearIn(await searchParam(searchParams, 'year'))
  const coverage = year === undefined ? {} : { year }
  return (
    <Prefetched
      responses={[
        prefetch(getTables, () => listTables(id)),
        prefetch(getChecks, () => listChecks(id, BUILDS), { query: BUILDS }),
        // A single table shows none.
        ...(table === undefined ? [prefetch(getCoverage, () => coverageOf(id, coverage), { query: coverage })] : []),
      ]}
    >
      <Data key={table ?? ''} table={table} year={year} />
    </Prefetched>
  )
}

/** The year in a parameter; undefined if it isn't one. */
function yearIn(text: string | undefined): number | undefined {
  return text && /^\d{4}$/.test(text) ? Number(text) : undefined
}
