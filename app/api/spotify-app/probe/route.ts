import { serve } from '#app/api/serve.ts'
import { requestStreams } from '#inngest/events.ts'
import { probeApp } from '#lib/api/spotify-app.ts'
import { probeNow } from '#lib/ops/probe-app.ts'

/** "Check now": probes a paused app at once; an hourly job does the same. */
export const POST = serve(probeApp, async ({ listener, body: { app = null } }) => {
  const { answers, requests } = await probeNow(listener, app)
  await requestStreams(requests)
  return { answers }
})
