import { TopPage } from '#app/(dashboard)/top/top-page.tsx'
import type { SearchParams } from '#app/search-params.ts'

export const metadata = { title: 'Top songs' }

export default function TopTracksPage({ searchParams }: { searchParams: SearchParams }) {
  return <TopPage what="tracks" searchParams={searchParams} />
}
