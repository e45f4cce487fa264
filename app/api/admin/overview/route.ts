import { serve } from '#app/api/serve.ts'
import { getAdminOverview } from '#lib/api/admin.ts'
import { adminOverview } from '#lib/ops/admin.ts'

export const GET = serve(getAdminOverview, () => adminOverview())
