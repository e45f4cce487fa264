import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { getWarehouse } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'
import { Snowflake } from './snowflake.tsx'

export const metadata = { title: 'Snowflake' }

export default async function SnowflakePage() {
  const { id } = await requireListener()
  return (
    <Prefetched responses={[prefetch(getWarehouse, () => snowflakeStatus(id))]}>
      <Snowflake />
    </Prefetched>
  )
}
