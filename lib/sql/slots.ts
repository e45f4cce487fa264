import { SQL_LIMITS } from '#lib/api/limits.ts'
import { SECOND } from '#lib/core/durations.ts'
import { Refused, Transient } from '#lib/core/errors.ts'
import { Semaphore } from '#lib/warehouse/semaphore.ts'

/** Queries that wait for a slot or run: one of a listener, and two of the instance, at a time. */

const AT_ONCE = 2

interface Own {
  slot: Semaphore
  queries: Set<AbortController>
}

// Routes are bundled separately and must share the slots.
const KEY: unique symbol = Symbol.for('tracklake.sql-slots')
const holder = globalThis as { [KEY]?: { instance: Semaphore; listeners: Map<string, Own> } }
holder[KEY] ??= { instance: new Semaphore(AT_ONCE), listeners: new Map() }
const { instance, listeners } = holder[KEY]

/** A query that can be canceled until it has ended. */
export interface Query {
  signal: AbortSignal
  /**
   * Runs `work` once it has a slot.
   * @throws Refused 409 if it is canceled before that, 429 if there is none in time
   */
  withSlot<Result>(work: () => Promise<Result>): Promise<Result>
}

/** @param signal of the caller, who may be gone before the query has ended */
export async function withQuery<Result>(
  userId: string,
  signal: AbortSignal,
  run: (query: Query) => Promise<Result>,
  waitMs = SQL_LIMITS.waitSeconds * SECOND,
): Promise<Result> {
  const controller = new AbortController()
  const own = listeners.get(userId) ?? { slot: new Semaphore(1), queries: new Set() }
  listeners.set(userId, own)
  own.queries.add(controller)
  const either = AbortSignal.any([signal, controller.signal])
  try {
    return await run({ signal: either, withSlot: (work) => withSlot(own, either, waitMs, work) })
  } finally {
    own.queries.delete(controller)
    if (own.queries.size === 0 && listeners.get(userId) === own) listeners.delete(userId)
  }
}

/** Cancels all queries of a listener. @returns how many there were */
export function cancelQueries(userId: string): number {
  const queries = [...(listeners.get(userId)?.queries ?? [])]
  for (const query of queries) query.abort()
  return queries.length
}

async function withSlot<Result>(
  own: Own,
  signal: AbortSignal,
  waitMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  let isRunning = false
  const deadline = performance.now() + waitMs
  const start = () => {
    isRunning = true
    // Canceled while it waited.
    if (signal.aborted) throw cancelled()
    return work()
  }
  const result = own.slot.run(waitMs, () =>
    instance.run(Math.max(1, deadline - performance.now()), async () => start()),
  )
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => isRunning || reject(cancelled())
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([result, aborted])
  } catch (error) {
    throw !isRunning && error instanceof Transient ? busy(own.queries.size > 1) : error
  } finally {
    // Whatever comes of a canceled one.
    result.catch(() => undefined)
  }
}

function busy(byOneself: boolean): Refused {
  const [message, remedy] = byOneself
    ? ['Another query of yours is still running', 'Wait until it has ended, or cancel it.']
    : ['Other people’s queries are still running', 'Try again in a few seconds.']
  return new Refused(429, 'busy', message, remedy, undefined, SQL_LIMITS.waitSeconds)
}

export function cancelled(): Refused {
  return new Refused(409, 'query-cancelled', 'The query was canceled', 'Run it again if you need its result.')
}
