import { requireListener } from '../../../../lib/auth.ts'
import type { SearchParams } from '../../../search-params.ts'
import { TopPage } from '../top-page.tsx'

export const metadata = { title: 'Top artists' }

export default async function TopArtistsPage({ searchParams }: { searchParams: SearchParams }) {
  await requireListener()
  return <TopPage what="artists" searchParams={searchParams} />
}
