import { type SearchParams, searchWord } from '#app/search-params.ts'
import { requireAdmin } from '#lib/auth/auth.ts'
import { quotaOf } from '#lib/ops/quota-status.ts'
import { QuotaView } from './quota-view.tsx'

export const metadata = { title: 'Quota' }

const ACCOUNTS_A_PAGE = 20

export default async function QuotaPage({ searchParams }: { searchParams: SearchParams }) {
  await requireAdmin()
  const cursor = await searchWord(searchParams, 'cursor')
  const query = { limit: ACCOUNTS_A_PAGE, ...(cursor ? { cursor } : {}) }
  return <QuotaView query={query} initial={await quotaOf(query)} isFirstPage={!cursor} />
}
