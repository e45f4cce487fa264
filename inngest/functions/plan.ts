import { inngest } from '#inngest/client.ts'
import { externalLoadRequested, loadRequested, runEnd, streamRequested } from '#inngest/events.ts'
import { dispatch } from '#inngest/hand-on.ts'
import { resumeErasures } from '#lib/accounts/erase.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { sendMessages } from '#lib/notifications/send.ts'
import { sweepHealth } from '#lib/ops/health-sweep.ts'
import { recordSent } from '#lib/planning.ts'
import { correctClockSkew } from '#lib/schedule/clock-skew.ts'
import { plan as planTick } from '#lib/schedule/plan.ts'
import { unclosedRuns } from '#lib/sync/close-run.ts'

/** Cron knows whole minutes. */
const minutes = Math.min(59, Math.max(1, Math.round(settings().PLAN_EVERY / MINUTE)))

/** Without steps: what it plans is written before it is sent, and the next tick sends again what got lost. */
export const plan = inngest.createFunction(
  { id: 'plan', triggers: [{ cron: `*/${minutes} * * * *` }], retries: 2 },
  tick,
)

/** One tick, and the note that what it planned was taken in. @throws when it was not */
export async function tick(): Promise<void> {
  await correctClockSkew(now())
  await resumeErasures()
  const { requests, connections, externalLoads: connected } = await planTick(now())
  const ended = await unclosedRuns(now())
  await sweepHealth(now())
  try {
    await dispatch([
      ...requests.map(streamRequested),
      ...connections.map((id) => loadRequested(id)),
      ...connected.map((id) => externalLoadRequested(id)),
      // Without an id: the event that was sent before may have been taken in and come to nothing.
      ...ended.map((runId) => runEnd.create({ runId })),
    ])
  } catch (thrown) {
    // Nobody can be asked to send messages either: who is told that nothing is fetched is told from here.
    await sendMessages()
    throw thrown
  }
  await recordSent(now())
}
