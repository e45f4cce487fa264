import { settings } from '../../lib/config.ts'
import { extractSlice } from '../../lib/pipeline/extract-slice.ts'
import { failStreamRun } from '../../lib/pipeline/fail-stream-run.ts'
import { nextAttempt } from '../../lib/pipeline/runs.ts'
import { inngest } from '../client.ts'
import { loadRequested, runEnded, streamRequest, streamRequested } from '../events.ts'

/** Inngest allows 1,000 steps a run; a longer stream goes on by a new event. */
const MOST_SLICES = 100

export const extractStream = inngest.createFunction(
  {
    id: 'extract-stream',
    triggers: [streamRequest],
    concurrency: settings().POOL_SLOTS,
    retries: 4,
    onFailure: async ({ event, error, step }) => {
      const { streamRunId } = event.data.event.data
      const ended = await step.run('fail the stream run', () => failStreamRun(streamRunId, error.message))
      if (ended) await step.sendEvent('announce the end', runEnded(ended))
    },
  },
  async ({ event, step }) => {
    const request = event.data
    for (let slice = 1; slice <= MOST_SLICES; slice++) {
      const end = await step.run(`extract slice ${slice}`, () => extractSlice(request))
      const handedOn = [
        ...end.connections.map(loadRequested),
        ...end.followers.map(streamRequested),
        ...(end.endedRun ? [runEnded(end.endedRun)] : []),
      ]
      if (handedOn.length > 0) await step.sendEvent(`hand on ${slice}`, handedOn)
      if (!end.more) return
      if (end.resumeAt) await step.sleepUntil(`wait before slice ${slice + 1}`, end.resumeAt)
    }
    const next = await step.run('go on by a new event', () => nextAttempt(request))
    if (next) await step.sendEvent('go on', streamRequested(next))
  },
)
