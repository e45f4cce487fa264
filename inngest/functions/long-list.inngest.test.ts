import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#inngest/engine/testing/harness.ts'
import { type Serving, serveToServer } from '#inngest/testing/serving.ts'
import { MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'

/** A long list goes through the server in INNGEST_BASE_URL by the real functions: 1,000 steps are allowed in a run there. */

const LIKED = 'user_saved_tracks_stream'
const LIKES = Number(process.env.LONG_LIST ?? 60_000)
const LONGEST_MS = 30 * MINUTE
/** So that the list is handed on from job to job several times. */
const SLICES_PER_JOB = '25'
/** Plan would act by the real clock, and on the runs of this test. */
const SERVED = ['extract-stream', 'load-destination', 'load-connected', 'end-run']

let harness: Harness
let serving: Serving

beforeAll(async () => {
  harness = await startHarness({ SLICES_PER_JOB })
  const { functions, inngest } = await import('#inngest/index.ts')
  const served = functions.filter((one) => SERVED.includes(one.id()))
  serving = await serveToServer(inngest, served, process.env)
})

afterAll(async () => {
  serving.close()
  await harness.stop()
})

test(
  `a list of ${LIKES} songs is read and loaded whole`,
  async () => {
    await harness.configure({ changes: [{ what: 'like', listener: 'load-2', count: LIKES }] })
    const { userId, runId } = await harness.signIn('load-2')
    await db().streamRun.deleteMany({ where: { runId, stream: { not: LIKED } } })
    const { requestStreams } = await import('#inngest/events.ts')
    await requestStreams(await takeStartable(runId))
    await eventually(
      async () => (await db().run.findUniqueOrThrow({ where: { id: runId } })).closedAt !== null,
      LONGEST_MS,
    )
    const { state, items, pages, attempt } = await db().streamRun.findFirstOrThrow({ where: { userId, stream: LIKED } })
    console.log({ items, pages, jobs: attempt })
    expect([state, items > LIKES]).toEqual(['succeeded', true])
    expect((await harness.tableRows(userId, LIKED, 'uri')).length).toBe(items)
  },
  LONGEST_MS,
)
