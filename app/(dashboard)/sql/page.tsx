import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { getQueries, getTables } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { listTables } from '#lib/query/tables.ts'
import { listQueries } from '#lib/sql/saved-queries.ts'
import { Sql } from './sql.tsx'

export const metadata = { title: 'SQL' }

export default async function SqlPage() {
  const { id } = await requireListener()
  return (
    <Prefetched responses={[prefetch(getTables, () => listTables(id)), prefetch(getQueries, () => listQueries(id))]}>
      <Sql />
    </Prefetched>
  )
}
