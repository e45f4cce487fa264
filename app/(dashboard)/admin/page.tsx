import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { listInvites } from '#lib/accounts/invites.ts'
import { getAdminRuns, getRunsProgress } from '#lib/api/client.ts'
import { RUN_STATES } from '#lib/api/lists.ts'
import { requireAdmin } from '#lib/auth/auth.ts'
import { adminOverview, listListeners } from '#lib/ops/admin.ts'
import { encryptionKeys } from '#lib/ops/encryption-keys.ts'
import { listRuns, runFilter, runsProgress } from '#lib/runs/run-responses.ts'
import { Admin } from './admin.tsx'
import { MAX_INVITES, MAX_LISTENERS, runsQuery, type View } from './view.ts'

export const metadata = { title: 'Admin' }

export default async function AdminPage({ searchParams }: { searchParams: SearchParams }) {
  const admin = await requireAdmin()
  const state = await searchParam(searchParams, 'state')
  const view: View = {
    // Ignore an unknown state in the URL.
    state: RUN_STATES.find((known) => known === state),
    listener: await searchParam(searchParams, 'listener'),
    cursor: await searchParam(searchParams, 'cursor'),
    listeners: await searchParam(searchParams, 'listeners'),
    invites: await searchParam(searchParams, 'invites'),
  }
  const query = runsQuery(view)
  const [runs, listeners, overview, invites, keys] = await Promise.all([
    listRuns(runFilter(query), query),
    listListeners({ limit: MAX_LISTENERS, ...(view.listeners ? { cursor: view.listeners } : {}) }),
    adminOverview(),
    listInvites({ limit: MAX_INVITES, ...(view.invites ? { cursor: view.invites } : {}) }),
    encryptionKeys(),
  ])
  const ids = runs.runs.map(({ id }) => id)
  return (
    <Prefetched
      responses={[
        prefetch(getAdminRuns, async () => runs, { query }),
        prefetch(getRunsProgress, () => runsProgress(admin, ids), { query: { ids: ids.join(',') } }),
      ]}
    >
      <Admin view={view} listeners={listeners} overview={overview} invites={invites} keys={keys} />
    </Prefetched>
  )
}
