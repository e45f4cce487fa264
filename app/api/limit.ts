import { createHash } from 'node:crypto'
import { tokenFromHeader } from '#lib/accounts/api-tokens.ts'
import { type LimitName, REQUEST_LIMITS, type RequestLimit } from '#lib/api/limits.ts'
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
  all: RateLimiter
}

const onlyAtOnce = (atOnce: number) => new RateLimiter({ perMinute: Number.MAX_SAFE_INTEGER, atOnce })

const newLimiter = ({
  perMinute,
  atOnce,
  strangersAtOnce,
  allAtOnce = Number.POSITIVE_INFINITY,
}: RequestLimit): Limiter => ({
  callers: new RateLimiter({ perMinute, atOnce }),
  strangers: onlyAtOnce(strangersAtOnce),
  all: onlyAtOnce(allAtOnce),
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

/** A listener, also if a token of theirs calls. */
export function listenerCaller({ id }: { id: string }): { key: string; isStranger: boolean } {
  return { key: `listener ${id}`, isStranger: false }
}

/** Identifies the caller: an API token, a listener, or else an address. A listener counts once across all browsers. */
export function callerOf(request: Request, listener: { id: string } | null): { key: string; isStranger: boolean } {
  const token = tokenFromHeader(request.headers.get('authorization'))
  if (listener && token)
    return { key: `token ${createHash('sha256').update(token).digest('base64')}`, isStranger: false }
  if (listener) return listenerCaller(listener)
  const visitor = requestGate()?.visitor()
  return { key: visitor ? clientAddress(visitor, settings().TRUSTED_PROXIES) : 'unknown', isStranger: true }
}

type Caller = ReturnType<typeof callerOf>

/** Runs `work` unless the caller has used up the limit. @throws Refused 429 with the seconds to wait, 503 */
export async function withinLimit<T>(name: LimitName, caller: Caller, work: () => Promise<T>): Promise<T> {
  const end = startWithin(name, caller)
  try {
    return await work()
  } finally {
    end()
  }
}

/**
 * Counts a call that may outlast its handler.
 * @returns what has to be called once, when it has ended
 * @throws Refused 429 with the seconds to wait if the caller has used up the limit, 503 if all callers together have
 */
export function startWithin(name: LimitName, { key, isStranger }: Caller): () => void {
  const { callers, strangers, all } = limiterOf(name)
  const ends: (() => void)[] = []
  const endAll = () => {
    for (const end of ends) end()
  }
  try {
    ends.push(started(callers.start(key)))
    if (isStranger) ends.push(started(strangers.start('')))
    ends.push(started(all.start(''), allBusy))
    return endAll
  } catch (error) {
    endAll()
    throw error
  }
}

function started(result: (() => void) | number, refusal = tooMany): () => void {
  if (typeof result === 'function') return result
  throw refusal(Math.max(1, Math.ceil(result / SECOND)))
}

function allBusy(seconds: number): Refused {
  const message = 'Too many of these requests are running for other people'
  return new Refused(503, 'busy', message, 'Try again in a minute.', undefined, seconds)
}

function tooMany(seconds: number): Refused {
  return new Refused(
    429,
    'too-many-requests',
    'You’re sending too many requests',
    `Wait ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, then try again.`,
    undefined,
    seconds,
  )
}
