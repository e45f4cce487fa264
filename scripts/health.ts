import { z } from 'zod'
import { MINUTE, now, pause, SECOND } from '#lib/core/clock.ts'
import { Stop } from '#lib/core/errors.ts'

const Health = z.object({ status: z.enum(['ok', 'degraded', 'down']), bootId: z.string() })

/**
 * Resolves when the web app at `origin` works and belongs to this boot; an older process may still be listening.
 * @throws Stop after two minutes
 */
export async function waitUntilHealthy(origin: string, bootId: string, signal: AbortSignal): Promise<void> {
  const deadline = now().getTime() + 2 * MINUTE
  while (now().getTime() < deadline && !signal.aborted) {
    const health = await fetchHealth(origin, signal)
    if (health?.bootId === bootId && health.status !== 'down') return
    await pause(50, signal)
  }
  if (signal.aborted) return
  throw new Stop(`The web app wasn't ready at ${origin} within two minutes.`, {
    remedy: 'See the files in the folder logs of DATA_DIR.',
  })
}

async function fetchHealth(origin: string, signal: AbortSignal): Promise<z.infer<typeof Health> | undefined> {
  try {
    const response = await fetch(`${origin}/api/health`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(10 * SECOND)]),
    })
    return Health.safeParse(await response.json()).data
  } catch {
    return undefined // nothing listens yet
  }
}
