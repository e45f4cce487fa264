import { serve } from '#app/api/serve.ts'
import { requestStreams } from '#inngest/events.ts'
import { probeApp } from '#lib/api/spotify-app.ts'
import { probeNow } from '#lib/ops/probe-app.ts'

/** "Look now", whether Spotify answers again through a paused app; the hourly look does the same by itself. */
export const POST = serve(probeApp, async ({ listener, body: { app = null } }) => {
  const { answers, requests } = await probeNow(listener, app)
  await requestStreams(requests)
  return { answers }
})
