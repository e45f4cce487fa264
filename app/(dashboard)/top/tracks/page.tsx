import { TopPage } from '#app/(dashboard)/top/top-page.tsx'
import type { SearchParams } from '#app/search-params.ts'
import { requireListener } from '#lib/auth/auth.ts'

export const metadata = { title: 'Top songs' }

export default async function TopTracksPage({ searchParams }: { searchParams: SearchParams }) {
  await requireListener()
  return <TopPage what="tracks" searchParams={searchParams} />
}
