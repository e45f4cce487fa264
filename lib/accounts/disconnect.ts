import { recordAudit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { NOT_REFUSED } from '#lib/quota/refused-consent.ts'
import { ACTIVE, cancelRun } from '#lib/runs/runs.ts'

/** Cancels all active runs of a listener. */
export async function stopRuns(userId: string): Promise<void> {
  const runs = await db().run.findMany({ where: { userId, state: { in: [...ACTIVE] } }, select: { id: true } })
  for (const { id } of runs) await cancelRun(id)
}

/**
 * Disconnects Spotify: deletes the tokens, cancels runs and stops planning. Loaded data stays until it is deleted.
 * Spotify has no endpoint to revoke a consent; the listener does that on Spotify's site.
 */
export async function disconnect(userId: string): Promise<void> {
  await db().account.updateMany({
    where: { userId, provider: 'spotify' },
    data: {
      access_token: null,
      refresh_token: null,
      expires_at: null,
      // A refused sign-in is not retried either.
      ...NOT_REFUSED,
      consent: 'disconnected',
      consentProblem: 'You disconnected Spotify',
      disconnectedAt: now(),
    },
  })
  await stopRuns(userId)
  await recordAudit(userId, 'disconnected Spotify', userId)
}
