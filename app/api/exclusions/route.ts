import { serve } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { exclude, exclusionsOf, include } from '#lib/accounts/exclusions.ts'
import { connectionsToBuild } from '#lib/accounts/status.ts'
import { excludePlay, getExclusions, includePlay } from '#lib/api/exclusions.ts'
import type { Listener } from '#lib/auth/auth.ts'

export const GET = serve(getExclusions, ({ listener }) => exclusionsOf(listener))

export const POST = serve(excludePlay, async ({ listener, body }) => {
  if (await exclude(listener, body)) await build(listener)
  return exclusionsOf(listener)
})

export const DELETE = serve(includePlay, async ({ listener, body }) => {
  if (await include(listener, body)) await build(listener)
  return exclusionsOf(listener)
})

/** The loader also builds the models. */
async function build(listener: Listener): Promise<void> {
  await requestLoads(await connectionsToBuild(listener))
}
