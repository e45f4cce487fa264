import { requireListener } from '../../../lib/auth.ts'
import { type SearchParams, searchWord } from '../../search-params.ts'
import { Runs } from './runs.tsx'

export const metadata = { title: 'Runs' }

export default async function RunsPage({ searchParams }: { searchParams: SearchParams }) {
  await requireListener()
  return <Runs cursor={await searchWord(searchParams, 'cursor')} />
}
