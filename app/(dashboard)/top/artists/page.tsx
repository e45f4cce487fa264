import { TopPage } from '#app/(dashboard)/top/top-page.tsx'
import type { SearchParams } from '#app/search-params.ts'

export const metadata = { title: 'Top artists' }

export default function TopArtistsPage({ searchParams }: { searchParams: SearchParams }) {
  return <TopPage what="artists" searchParams={searchParams} />
}
