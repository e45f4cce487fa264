import { requireAdmin } from '../../../lib/auth.ts'
import { adminOverview, listListeners } from '../../../lib/listener/admin.ts'
import { listInvites } from '../../../lib/listener/invites.ts'
import { type SearchParams, searchWord } from '../../search-params.ts'
import { Admin } from './admin.tsx'

export const metadata = { title: 'Admin' }

/** Listeners of the first view; the address has the others. */
const MOST_LISTENERS = 100
const MOST_INVITES = 50

export default async function AdminPage({ searchParams }: { searchParams: SearchParams }) {
  await requireAdmin()
  const [listeners, overview, invites] = await Promise.all([
    listListeners({ limit: MOST_LISTENERS }),
    adminOverview(),
    listInvites({ limit: MOST_INVITES }),
  ])
  return (
    <Admin
      filter={{
        state: await searchWord(searchParams, 'state'),
        listener: await searchWord(searchParams, 'listener'),
        cursor: await searchWord(searchParams, 'cursor'),
      }}
      listeners={listeners}
      overview={overview}
      invites={invites}
    />
  )
}
