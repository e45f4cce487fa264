import { serve } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { changeCounting as change, countingOf } from '#lib/accounts/counting.ts'
import { connectionsToBuild } from '#lib/accounts/status.ts'
import { changeCounting, getCounting } from '#lib/api/counting.ts'

export const GET = serve(getCounting, ({ listener }) => countingOf(listener))

export const PUT = serve(changeCounting, async ({ listener, body }) => {
  // The loader also builds the models.
  if (await change(listener, body)) await requestLoads(await connectionsToBuild(listener))
  return countingOf(listener)
})
