import { requireListener } from '../../../../lib/auth.ts'
import type { SearchParams } from '../../../search-params.ts'
import { TopPage } from '../top-page.tsx'

export const metadata = { title: 'Top tracks' }

export default async function TopTracksPage({ searchParams }: { searchParams: SearchParams }) {
  await requireListener()
  return <TopPage what="tracks" searchParams={searchParams} />
}
