import { type SearchParams, searchParam } from '#app/search-params.ts'
import { requireAdmin } from '#lib/auth/auth.ts'
import { quotaStatus } from '#lib/ops/quota-status.ts'
import { QuotaView } from './quota-view.tsx'

export const metadata = { title: 'Quota' }

const ACCOUNTS_A_PAGE = 20

export default async function QuotaPage({ searchParams }: { searchParams: SearchParams }) {
  await requireAdmin()
  const cursor = await searchParam(searchParams, 'cursor')
  const query = { limit: ACCOUNTS_A_PAGE, ...(cursor ? { cursor } : {}) }
  return <QuotaView query={query} initial={await quotaStatus(query)} isFirstPage={!cursor} />
}
