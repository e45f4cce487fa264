import { serve } from '#app/api/serve.ts'
import { forgetQuota, getQuota } from '#lib/api/admin.ts'
import { forgetQuota as forget, quotaStatus } from '#lib/ops/quota-status.ts'

export const GET = serve(getQuota, ({ query }) => quotaStatus(query))

/** Forgets the limits learned for a developer account. */
export const DELETE = serve(forgetQuota, async ({ listener, body: { account } }) => {
  await forget(listener.id, account)
  return { account }
})
