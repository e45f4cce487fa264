import { TopPage } from '#app/(dashboard)/top/top-page.tsx'
import type { SearchParams } from '#app/search-params.ts'

export const metadata = { title: 'Top albums' }

export default function TopAlbumsPage({ searchParams }: { searchParams: SearchParams }) {
  return <TopPage what="albums" searchParams={searchParams} />
}
