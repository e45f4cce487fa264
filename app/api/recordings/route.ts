import { serve } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { countingOf } from '#lib/accounts/counting.ts'
import { choose, forget, recordingsOf } from '#lib/accounts/recordings.ts'
import { connectionsToBuild } from '#lib/accounts/status.ts'
import { chooseRecording, forgetRecording, getRecordings, type RecordingChoices } from '#lib/api/recordings.ts'
import type { Listener } from '#lib/auth/auth.ts'

export const GET = serve(getRecordings, ({ listener }) => recordingsOf(listener))

export const POST = serve(chooseRecording, async ({ listener, body }) =>
  respond(listener, await choose(listener, body)),
)

export const DELETE = serve(forgetRecording, async ({ listener, body }) =>
  respond(listener, await forget(listener, body.trackId)),
)

async function respond(listener: Listener, changed: RecordingChoices['changed']) {
  // The loader also builds the models.
  if (changed.length > 0) await requestLoads(await connectionsToBuild(listener))
  return { changed, isRebuilding: (await countingOf(listener)).isRebuilding }
}
