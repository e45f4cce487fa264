import { serve } from '#app/api/serve.ts'
import { getAdminListeners } from '#lib/api/admin.ts'
import { listListeners } from '#lib/ops/admin.ts'

export const GET = serve(getAdminListeners, ({ query }) => listListeners(query))
