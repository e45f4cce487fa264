import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { getRuns, getRunsProgress } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { listRuns, runsProgress } from '#lib/runs/run-responses.ts'
import { PAGE_SIZE } from './page-size.ts'
import { Runs } from './runs.tsx'

export const metadata = { title: 'Sync' }

export default async function RunsPage({ searchParams }: { searchParams: SearchParams }) {
  const { id } = await requireListener()
  const query = { limit: PAGE_SIZE, cursor: await searchParam(searchParams, 'cursor') }
  const runs = await listRuns({ userId: id }, query)
  const ids = runs.runs.map((run) => run.id)
  const viewer = { id, isAdmin: false }
  return (
    <Prefetched
      responses={[
        prefetch(getRuns, async () => runs, { query }),
        prefetch(getRunsProgress, () => runsProgress(viewer, ids), { query: { ids: ids.join(',') } }),
      ]}
    >
      <Runs cursor={query.cursor} />
    </Prefetched>
  )
}
