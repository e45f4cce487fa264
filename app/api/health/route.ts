import { serve } from '#app/api/serve.ts'
import { getHealth } from '#lib/api/instance.ts'
import { health } from '#lib/ops/health.ts'

export const dynamic = 'force-dynamic'

/** Public, so it contains states only. */
export const GET = serve(
  getHealth,
  () => health(),
  ({ status }) => (status === 'down' ? 503 : 200),
)
