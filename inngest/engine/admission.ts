/** How many calls of a function may be active at once; undefined means no limit. */
export interface Limits {
  limit: number | undefined
  /** For calls that share a key. */
  perKey?: number | undefined
}

interface Requester {
  functionId: string
  /** Calls are shared out fairly between keys; all calls without a key count as one. */
  key?: string
}

/** The active and waiting calls of one function. */
interface Queue<Call> {
  limits: Limits
  active: number
  byKey: Map<string, number>
  /** By key, the one that was served longest ago first. */
  waiting: Map<string, Call[]>
}

/**
 * Limits the concurrent calls of each function. The next call goes to the waiting key with the fewest active calls, and
 * among those to the one served longest ago, so a key with a thousand calls doesn't delay one with three. Within a key,
 * calls keep their order.
 * The state is in memory: only one engine is active, and after a crash every call is due again.
 */
export class Admission<Call extends Requester> {
  private readonly queues = new Map<string, Queue<Call>>()

  /** @returns false when the call has to wait; a later `leave` will return it */
  enter(call: Call, limits: Limits): boolean {
    const queue = this.queueOf(call.functionId, limits)
    const key = call.key ?? ''
    if (!isFull(queue) && !isKeyFull(queue, key)) {
      count(queue, key, 1)
      return true
    }
    const queue = queue.waiting.get(key)
    if (queue) queue.push(call)
    else queue.waiting.set(key, [call])
    return false
  }

  /** Ends an active call. @returns the next waiting call, which now counts as active */
  leave({ functionId, key = '' }: Call): Call | undefined {
    const queue = this.queues.get(functionId)
    if (!queue) return undefined
    count(queue, key, -1)
    const next = isFull(queue) ? undefined : nextKey(queue)
    if (next === undefined) return undefined
    const queue = queue.waiting.get(next) ?? []
    const call = queue.shift()
    queue.waiting.delete(next)
    if (queue.length > 0) queue.waiting.set(next, queue)
    count(queue, next, 1)
    return call
  }

  private queueOf(functionId: string, limits: Limits): Queue<Call> {
    const queue = this.queues.get(functionId) ?? { limits, active: 0, byKey: new Map(), waiting: new Map() }
    queue.limits = limits
    this.queues.set(functionId, queue)
    return queue
  }
}

function isFull<Call>({ limits, active }: Queue<Call>): boolean {
  return limits.limit !== undefined && active >= limits.limit
}

function isKeyFull<Call>({ limits, byKey }: Queue<Call>, key: string): boolean {
  return limits.perKey !== undefined && (byKey.get(key) ?? 0) >= limits.perKey
}

function count<Call>(queue: Queue<Call>, key: string, by: 1 | -1): void {
  queue.active += by
  const calls = (queue.byKey.get(key) ?? 0) + by
  if (calls > 0) queue.byKey.set(key, calls)
  else queue.byKey.delete(key)
}

/** Stops at the first key without active calls, so the cost doesn't grow with the number of waiting keys. */
function nextKey<Call>(queue: Queue<Call>): string | undefined {
  let next: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const key of queue.waiting.keys()) {
    const calls = queue.byKey.get(key) ?? 0
    if (calls < fewest && !isKeyFull(queue, key)) {
      next = key
      fewest = calls
    }
    if (fewest === 0) break
  }
  return next
}
