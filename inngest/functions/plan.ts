import { inngest, ONE_TICK } from '#inngest/client.ts'
import {
  arrivalsRequest,
  demoHistoryRequest,
  dispatch,
  externalLoadRequested,
  importRequest,
  lakeRequest,
  loadRequested,
  runEnd,
  streamRequested,
} from '#inngest/events.ts'
import { resumeErasures } from '#lib/accounts/erase.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { hasArrivals } from '#lib/imports/arrivals.ts'
import { pendingHistories } from '#lib/imports/demo-history.ts'
import { sweepUploads } from '#lib/imports/upload.ts'
import { importsToContinue } from '#lib/imports/work.ts'
import { lakesDue } from '#lib/lake/publish.ts'
import { sendMessages } from '#lib/notifications/send.ts'
import { sweepHealth } from '#lib/ops/health-sweep.ts'
import { retryConsents } from '#lib/ops/retry-consents.ts'
import { recordSent } from '#lib/planning.ts'
import { correctClockSkew } from '#lib/schedule/clock-skew.ts'
import { plan as planTick } from '#lib/schedule/plan.ts'
import { unclosedRuns } from '#lib/sync/close-run.ts'
import { sweepLandingIfDue } from '#lib/sync/sweep-landing.ts'

/** Cron supports whole minutes only. */
const minutes = Math.min(59, Math.max(1, Math.round(settings().PLAN_EVERY / MINUTE)))

/** It has no steps: what it plans is saved before it is sent, and the next tick sends again what was lost. */
export const plan = inngest.createFunction(
  { id: 'plan', triggers: [{ cron: `*/${minutes} * * * *` }], concurrency: ONE_TICK, retries: 2 },
  tick,
)

/** Runs one tick and records that its events were accepted. @throws when they weren't */
export async function tick(): Promise<void> {
  await correctClockSkew(now())
  await resumeErasures()
  await retryConsents(now())
  await sweepLandingIfDue()
  const { requests, connections, externalLoads } = await planTick(now())
  const ended = await unclosedRuns(now())
  const histories = await pendingHistories()
  await sweepUploads()
  const imports = await importsToContinue()
  const lakes = await lakesDue()
  await sweepHealth(now())
  try {
    await dispatch([
      ...requests.map(streamRequested),
      ...connections.map((id) => loadRequested(id)),
      ...externalLoads.map((id) => externalLoadRequested(id)),
      ...imports.map((importId) => importRequest.create({ importId })),
      ...lakes.map((userId) => lakeRequest.create({ userId })),
      ...histories.map(({ userId }) => demoHistoryRequest.create({ userId })),
      // Without an id: an earlier event may have been accepted without effect.
      ...ended.map((runId) => runEnd.create({ runId })),
    ])
  } catch (error) {
    // The job that sends messages can't be started either, so the alert that nothing is fetched is sent from here.
    await sendMessages()
    throw error
  }
  await recordSent(now())
  await findArrivals()
}

/** Last, because a bucket that is away takes long to say so. */
async function findArrivals(): Promise<void> {
  try {
    if (await hasArrivals()) await dispatch([arrivalsRequest.create({})])
  } catch (error) {
    log.warn('the landing zone could not be searched for files', { problem: messageOf(error) })
  }
}
