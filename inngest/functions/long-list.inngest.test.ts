import { expect } from 'vitest'
import { serveToServer } from '#inngest/testing/serving.ts'
import { MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { eventually } from '#testing/eventually.ts'
import { test as base } from '#testing/sync/fixture.ts'
import { SERVED } from './testing/jobs.ts'

/** Reads a long list with the real functions on the server in INNGEST_BASE_URL, which allows 1,000 steps per run. */

const LIKED = 'user_saved_tracks_stream'
const LIKES = Number(process.env.LONG_LIST ?? 60_000)
const TIMEOUT_MS = 30 * MINUTE
/** Small enough that the list takes several jobs. */
const SLICES_PER_JOB = '25'

// The harness sets the environment that the functions read.
const test = base.extend('serving', { scope: 'file', auto: true }, async ({ harness: _ }, { onCleanup }) => {
  const { functions, inngest } = await import('#inngest/index.ts')
  const served = functions.filter((one) => SERVED.includes(one.id()))
  const serving = await serveToServer(inngest, served, process.env)
  onCleanup(() => serving.close())
  return serving
})

test.override('options', [{ SLICES_PER_JOB }])

test(
  `a list of ${LIKES} songs is read and loaded completely`,
  async ({ harness }) => {
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
