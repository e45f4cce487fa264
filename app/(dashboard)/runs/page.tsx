import { type SearchParams, searchWord } from '#app/search-params.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { Runs } from './runs.tsx'

export const metadata = { title: 'Runs' }

export default async function RunsPage({ searchParams }: { searchParams: SearchParams }) {
  await requireListener()
  return <Runs cursor={await searchWord(searchParams, 'cursor')} />
}
