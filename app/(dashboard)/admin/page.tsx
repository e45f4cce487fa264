import { type SearchParams, searchWord } from '#app/search-params.ts'
import { listInvites } from '#lib/accounts/invites.ts'
import { requireAdmin } from '#lib/auth/auth.ts'
import { adminOverview, listListeners } from '#lib/ops/admin.ts'
import { Admin } from './admin.tsx'
import { MOST_INVITES, MOST_LISTENERS, type View } from './view.ts'

export const metadata = { title: 'Admin' }

export default async function AdminPage({ searchParams }: { searchParams: SearchParams }) {
  await requireAdmin()
  const view: View = {
    state: await searchWord(searchParams, 'state'),
    listener: await searchWord(searchParams, 'listener'),
    cursor: await searchWord(searchParams, 'cursor'),
    listeners: await searchWord(searchParams, 'listeners'),
    invites: await searchWord(searchParams, 'invites'),
  }
  const [listeners, overview, invites] = await Promise.all([
    listListeners({ limit: MOST_LISTENERS, ...(view.listeners ? { cursor: view.listeners } : {}) }),
    adminOverview(),
    listInvites({ limit: MOST_INVITES, ...(view.invites ? { cursor: view.invites } : {}) }),
  ])
  return <Admin view={view} listeners={listeners} overview={overview} invites={invites} />
}
