import { type SearchParams, searchParam } from '#app/search-params.ts'
import { listInvites } from '#lib/accounts/invites.ts'
import { requireAdmin } from '#lib/auth/auth.ts'
import { adminOverview, listListeners } from '#lib/ops/admin.ts'
import { Admin } from './admin.tsx'
import { MAX_INVITES, MAX_LISTENERS, type View } from './view.ts'

export const metadata = { title: 'Admin' }

export default async function AdminPage({ searchParams }: { searchParams: SearchParams }) {
  await requireAdmin()
  const view: View = {
    state: await searchParam(searchParams, 'state'),
    listener: await searchParam(searchParams, 'listener'),
    cursor: await searchParam(searchParams, 'cursor'),
    listeners: await searchParam(searchParams, 'listeners'),
    invites: await searchParam(searchParams, 'invites'),
  }
  const [listeners, overview, invites] = await Promise.all([
    listListeners({ limit: MAX_LISTENERS, ...(view.listeners ? { cursor: view.listeners } : {}) }),
    adminOverview(),
    listInvites({ limit: MAX_INVITES, ...(view.invites ? { cursor: view.invites } : {}) }),
  ])
  return <Admin view={view} listeners={listeners} overview={overview} invites={invites} />
}
