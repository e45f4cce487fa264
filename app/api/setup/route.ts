import { serve } from '#app/api/serve.ts'
import { setupVisitor } from '#app/setup/visitor.ts'
import { setUp as check, setupState } from '#lib/accounts/setup.ts'
import { getSetup, setUp } from '#lib/api/spotify-app.ts'
import { SWITCH_TO_REAL } from '#lib/core/config.ts'

export const GET = serve(getSetup, async () => {
  const { loopback, admin } = await setupVisitor(null)
  return setupState(!loopback && !admin)
})

export const POST = serve(setUp, async ({ body }) => {
  const result = await check(body)
  // The response goes out first.
  if (result.saved) setTimeout(() => process.exit(SWITCH_TO_REAL), 500)
  return result
})
