import { serve } from '#app/api/serve.ts'
import { requestPublication } from '#inngest/events.ts'
import { getLake, removeLake, saveLake } from '#lib/api/lake.ts'
import * as lake from '#lib/lake/connection.ts'

export const GET = serve(getLake, ({ listener }) => lake.lakeStatus(listener))

/** "Save": checks the bucket, saves it and publishes to it. */
export const PUT = serve(saveLake, async ({ listener, body }) => {
  const { isQueued, ...checked } = await lake.saveLake(listener, body)
  if (isQueued) await requestPublication(listener.id)
  return checked
})

/** "Stop publishing" */
export const DELETE = serve(removeLake, ({ listener, body }) => lake.removeLake(listener, body))
