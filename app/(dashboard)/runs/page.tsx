import { type SearchParams, searchParam } from '#app/search-params.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { Runs } from './runs.tsx'

export const metadata = { title: 'Sync' }

export default async function RunsPage({ searchParams }: { searchParams: SearchParams }) {
  await requireListener()
  return <Runs cursor={await searchParam(searchParams, 'cursor')} />
}
