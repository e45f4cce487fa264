import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { getImports } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { listImports } from '#lib/imports/imports.ts'
import { Import } from './import.tsx'

export const metadata = { title: 'Import' }

export default async function ImportPage() {
  const listener = await requireListener()
  return (
    <Prefetched responses={[prefetch(getImports, () => listImports(listener))]}>
      <Import />
    </Prefetched>
  )
}
