import { createHash } from 'node:crypto'
import { tokenFromHeader } from '#lib/accounts/api-tokens.ts'
import { type LimitName, REQUEST_LIMITS } from '#lib/api/limits.ts'
import { clientAddress } from '#lib/core/client-address.ts'
import { settings } from '#lib/core/config.ts'
import { SECOND } from '#lib/core/durations.ts'
import { Refused } from '#lib/core/errors.ts'
import { RateLimiter } from '#lib/core/rate-limiter.ts'
import { requestGate } from '#lib/core/request-gate.ts'

/** Limits how often a caller may use expensive endpoints. */

interface Limiter {
  callers: RateLimiter
  strangers: RateLimiter
}

const newLimiter = ({ perMinute, atOnce, strangersAtOnce }: (typeof REQUEST_LIMITS)[LimitName]): Limiter => ({
  callers: new RateLimiter({ perMinute, atOnce }),
  strangers: new RateLimiter({ perMinute: Number.MAX_SAFE_INTEGER, atOnce: strangersAtOnce }),
})

// Routes are bundled separately but must share their counts.
const place = globalThis as { [KEY]?: Map<string, Limiter> }
const KEY = Symbol.for('tracklake.request-limits')

function limiterOf(name: LimitName): Limiter {
  place[KEY] ??= new Map()
  const limiter = place[KEY].get(name) ?? newLimiter(REQUEST_LIMITS[name])
  place[KEY].set(name, limiter)
  return limiter
}

/** Identifies the caller: an API token, a listener, or else an address. A listener counts once across all browsers. */
export function callerOf(request: Request, listener: { id: string } | null): { key: string; isStranger: boolean } {
  const token = tokenFromHeader(request.headers.get('authorization'))
  if (listener && token)
    return { key: `token ${createHash('sha256').update(token).digest('base64')}`, isStranger: false }
  if (listener) return { key: `listener ${listener.id}`, isStranger: false }
  const visitor = requestGate()?.visitor()
  return { key: visitor ? clientAddress(visitor, settings().TRUSTED_PROXIES) : 'unknown', isStranger: true }
}

/** Runs `work` unless the caller has used up the limit. @throws Refused 429 with the seconds to wait */
export async function withinLimit<T>(
  name: LimitName,
  { key, isStranger }: ReturnType<typeof callerOf>,
  work: () => Promise<T>,
): Promise<T> {
  const { callers, strangers } = limiterOf(name)
  const ends: (() => void)[] = []
  try {
    ends.push(started(callers.start(key)))
    if (isStranger) ends.push(started(strangers.start('')))
    return await work()
  } finally {
    for (const end of ends) end()
  }
}

function started(result: (() => void) | number): () => void {
  if (typeof result === 'function') return result
  const seconds = Math.max(1, Math.ceil(result / SECOND))
  throw new Refused(
    429,
    'too-many-requests',
    'You’re sending too many requests',
    `Wait ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, then try again.`,
    undefined,
    seconds,
  )
}
