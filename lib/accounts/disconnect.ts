import { audit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { ACTIVE, cancelRun } from '#lib/runs/runs.ts'

/** Stops everything that is under way for a listener. */
export async function stopRuns(userId: string): Promise<void> {
  const runs = await db().run.findMany({ where: { userId, state: { in: [...ACTIVE] } }, select: { id: true } })
  for (const { id } of runs) await cancelRun(id)
}

/**
 * Ends the connection to Spotify: the tokens are gone at once, runs stop, nothing is planned any more. What was loaded
 * stays until it is deleted. Spotify itself has no address to take a consent back; the listener does that there.
 */
export async function disconnect(userId: string): Promise<void> {
  await db().account.updateMany({
    where: { userId, provider: 'spotify' },
    data: {
      access_token: null,
      refresh_token: null,
      expires_at: null,
      consent: 'disconnected',
      consentProblem: 'You disconnected Spotify',
      disconnectedAt: now(),
    },
  })
  await stopRuns(userId)
  await audit(userId, 'disconnected Spotify', userId)
}
