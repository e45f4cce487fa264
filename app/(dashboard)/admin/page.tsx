import { requireAdmin } from '../../../lib/auth.ts'
import { type SearchParams, searchWord } from '../../search-params.ts'
import { Admin } from './admin.tsx'

export const metadata = { title: 'Admin' }

export default async function AdminPage({ searchParams }: { searchParams: SearchParams }) {
  await requireAdmin()
  return (
    <Admin
      state={await searchWord(searchParams, 'state')}
      listener={await searchWord(searchParams, 'listener')}
      cursor={await searchWord(searchParams, 'cursor')}
    />
  )
}
