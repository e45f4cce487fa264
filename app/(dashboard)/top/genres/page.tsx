import { TopPage } from '#app/(dashboard)/top/top-page.tsx'
import type { SearchParams } from '#app/search-params.ts'

export const metadata = { title: 'Top genres' }

export default function TopGenresPage({ searchParams }: { searchParams: SearchParams }) {
  return <TopPage what="genres" searchParams={searchParams} />
}
