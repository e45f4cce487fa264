import { serve } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { changeSettings as change, connectionsToBuild, settingsOf } from '#lib/accounts/status.ts'
import { changeSettings, getSettings } from '#lib/api/settings.ts'

export const GET = serve(getSettings, ({ listener }) => settingsOf(listener))

export const PUT = serve(changeSettings, async ({ listener, body }) => {
  const settings = await change(listener, body)
  // The loader also builds the models, which may have other days now.
  await requestLoads(await connectionsToBuild(listener))
  return settings
})
