import { serve } from '#app/api/serve.ts'
import { requestImport } from '#inngest/events.ts'
import { importChartPlaylist as contract } from '#lib/api/imports.ts'
import { now, utcDay } from '#lib/core/clock.ts'
import { importChartPlaylist } from '#lib/imports/playlist-chart.ts'

export const POST = serve(contract, async ({ listener, body }) => {
  const started = await importChartPlaylist(listener, body, utcDay(now()))
  await requestImport(started.id)
  return started
})
