import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Serving, serveToServer } from '#inngest/testing/serving.ts'
import { MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { eventually } from '#testing/eventually.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'

/** Reads a long list with the real functions on the server in INNGEST_BASE_URL, which allows 1,000 steps per run. */

const LIKED = 'user_saved_tracks_stream'
const LIKES = Number(process.env.LONG_LIST ?? 60_000)
const TIMEOUT_MS = 30 * MINUTE
/** Small enough that the list takes several jobs. */
const SLICES_PER_JOB = '25'
/** Without plan, which uses the real clock and would touch the runs of this test. */
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
  `a list of ${LIKES} songs is read and loaded completely`,
  async () => {
    await harness.configure({ changes: [{ what: 'like', listener: 'load-2', count: LIKES }] })
    const { userId, runId } = await harness.signIn('load-2')
    await db().streamRun.deleteMany({ where: { runId, stream: { not: LIKED } } })
    const { requestStreams } = await import('#inngest/events.ts')
    await requestStreams(await takeStartable(runId))
    await eventually(
      async () => (await db().run.findUniqueOrThrow({ where: { id: runId } })).closedAt !== null,
      TIMEOUT_MS,
    )
    const { state, items, pages, attempt } = await db().streamRun.findFirstOrThrow({ where: { userId, stream: LIKED } })
    console.log({ items, pages, jobs: attempt })
    expect([state, items > LIKES]).toEqual(['succeeded', true])
    expect((await harness.tableRows(userId, LIKED, 'uri')).length).toBe(items)
  },
  TIMEOUT_MS,
)
