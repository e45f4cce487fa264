import { inngest } from '#inngest/client.ts'
import {
  dispatch,
  externalLoadRequested,
  loadRequested,
  runEnded,
  streamContinued,
  streamRequest,
  streamRequested,
} from '#inngest/events.ts'
import { SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { notifyOpenRuns } from '#lib/notifications/notify-run.ts'
import { type Attempt, failStreamRun, nextAttempt } from '#lib/runs/runs.ts'
import { closeEndedRun } from '#lib/sync/close-run.ts'

/** The shortest sleep that Inngest supports. */
const YIELD_MS = SECOND

export const extractStream = inngest.createFunction(
  {
    id: 'extract-stream',
    triggers: [streamRequest],
    // The second limit shares slots fairly: a listener with 10,000 pages doesn't delay one with three.
    concurrency: [{ limit: settings().POOL_SLOTS }, { limit: settings().POOL_SLOTS, key: 'event.data.listenerId' }],
    retries: 4,
    onFailure: async ({ event, error }) => {
      const ended = await failStreamRun(event.data.event.data, error.message)
      if (!ended) await notifyOpenRuns()
      await dispatch(ended ? [runEnded(ended)] : [])
    },
  },
  async ({ event, step, runId }) => {
    const { goesOn, resumeAt, ...request } = event.data
    if (!goesOn) {
      // Not a step, which would count as a second execution: most streams end with their first slice.
      const end = await readSlice(request)
      return dispatch([...following(end, `${runId}:1`), ...(end.more ? [streamContinued(request, end.resumeAt)] : [])])
    }
    if (resumeAt) await step.sleepUntil('wait before the first slice', resumeAt)
    for (let slice = 1; slice <= settings().SLICES_PER_JOB; slice++) {
      const end = await step.run(`extract slice ${slice}`, () => readSlice(request))
      await dispatch(following(end, `${runId}:${slice}`))
      if (!end.more) return
      if (end.resumeAt) await step.sleepUntil(`wait before slice ${slice + 1}`, end.resumeAt)
      // Sleeping releases the slot for a waiting job. Jobs in progress across an upgrade know these two names.
      else if (end.giveWay) await step.sleep(`give way after slice ${slice}`, YIELD_MS)
    }
    const next = await nextAttempt(request)
    if (next) await dispatch([streamRequested(next)])
  },
)

async function readSlice(request: Attempt) {
  return closeEndedRun(await extractSlice(request))
}

/** @param once identifies the slice, so that repeating it doesn't request its loads twice */
function following({ connections, followers, connected }: Awaited<ReturnType<typeof readSlice>>, once: string) {
  return [
    ...connections.map((id) => loadRequested(id, once)),
    ...followers.map(streamRequested),
    ...connected.map((id) => externalLoadRequested(id, once)),
  ]
}
