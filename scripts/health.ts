import { z } from 'zod'
import { MINUTE, now, pause, SECOND } from '#lib/core/clock.ts'
import { Stop } from '#lib/core/errors.ts'

const Health = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  bootId: z.string(),
  checks: z.array(z.object({ name: z.string(), status: z.string(), detail: z.string() })),
})
type Health = z.infer<typeof Health>

const PROGRESS_MS = 15 * SECOND
const SETTLE_MS = 20 * SECOND

/** While `work` is slow, prints now and then how long the start has been waiting, and for what. */
export async function whileReporting<T>(describe: () => string, work: () => Promise<T>): Promise<T> {
  const start = now().getTime()
  const timer = setInterval(() => {
    const seconds = Math.round((now().getTime() - start) / SECOND)
    console.log(`still starting after ${seconds} s: ${describe()}`)
  }, PROGRESS_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

/**
 * Resolves when the web app at `origin` works and belongs to this boot; an older process may still be listening.
 * @throws Stop after two minutes, with what is missing
 */
export async function waitUntilHealthy(origin: string, bootId: string, signal: AbortSignal): Promise<void> {
  const deadline = now().getTime() + 2 * MINUTE
  let health: Health | undefined
  const isReady = await whileReporting(
    () => missing(health),
    async () => {
      while (now().getTime() < deadline && !signal.aborted) {
        health = await fetchHealth(origin, bootId, signal)
        if (health && health.status !== 'down') return true
        await pause(50, signal)
      }
      return false
    },
  )
  if (isReady || signal.aborted) return
  throw new Stop(`The web app wasn't ready at ${origin} within two minutes: ${missing(health)}.`, {
    remedy: 'See the files in the folder logs of DATA_DIR.',
  })
}

/** Prints what still doesn't work a while after the start, because the parts of an instance start one after another. */
export async function reportProblems(origin: string, bootId: string, signal: AbortSignal): Promise<void> {
  const deadline = now().getTime() + SETTLE_MS
  let health: Health | undefined
  while (now().getTime() < deadline && !signal.aborted) {
    health = await fetchHealth(origin, bootId, signal)
    if (health?.status === 'ok') return
    await pause(SECOND, signal)
  }
  if (!signal.aborted) console.log(`some parts don't work: ${missing(health)}. See logs/web.log in DATA_DIR.`)
}

function missing(health: Health | undefined): string {
  if (!health) return "the web app doesn't respond yet"
  const broken = health.checks.filter(({ status }) => status !== 'ok')
  return broken.map(({ name, detail }) => `${name}: ${detail}`).join('; ')
}

async function fetchHealth(origin: string, bootId: string, signal: AbortSignal): Promise<Health | undefined> {
  try {
    const response = await fetch(`${origin}/api/health`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(10 * SECOND)]),
    })
    const health = Health.safeParse(await response.json()).data
    return health?.bootId === bootId ? health : undefined
  } catch {
    return undefined // nothing listens yet
  }
}
