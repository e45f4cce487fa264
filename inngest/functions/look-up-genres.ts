import { inngest, ONE_TICK } from '#inngest/client.ts'
import { dispatch, genresContinued, genresRequest, loadRequested } from '#inngest/events.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { lookUpGenres, wakeListeners } from '#lib/genres/look-up.ts'

/** As long as an engine should wait for a call. */
const MAX_MS = 2 * MINUTE
/** The demo's visitors don't stay for long. */
const EVERY = settings().TRACKLAKE_MODE === 'demo' ? '* * * * *' : '*/5 * * * *'

/** It has no steps: Postgres has the queue and every response. */
export const lookUpQueuedGenres = inngest.createFunction(
  { id: 'look-up-genres', triggers: [{ cron: EVERY }, genresRequest], concurrency: ONE_TICK, retries: 0 },
  async () => {
    const { answered, more } = await lookUpGenres(Date.now() + MAX_MS)
    const connections = await wakeListeners(answered > 0, now())
    await dispatch([...connections.map((id) => loadRequested(id)), ...(more ? [genresContinued()] : [])])
  },
)
