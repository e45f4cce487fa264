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
interface FunctionState<Call> {
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
  private readonly states = new Map<string, FunctionState<Call>>()

  /** @returns false when the call has to wait; a later `leave` will return it */
  enter(call: Call, limits: Limits): boolean {
    const state = this.stateOf(call.functionId, limits)
    const key = call.key ?? ''
    if (!isFull(state) && !isKeyFull(state, key)) {
      count(state, key, 1)
      return true
    }
    const waiting = state.waiting.get(key)
    if (waiting) waiting.push(call)
    else state.waiting.set(key, [call])
    return false
  }

  /** Ends an active call. @returns the next waiting call, which now counts as active */
  leave({ functionId, key = '' }: Call): Call | undefined {
    const state = this.states.get(functionId)
    if (!state) return undefined
    count(state, key, -1)
    const next = isFull(state) ? undefined : nextKey(state)
    if (next === undefined) return undefined
    const waiting = state.waiting.get(next) ?? []
    const call = waiting.shift()
    state.waiting.delete(next)
    if (waiting.length > 0) state.waiting.set(next, waiting)
    count(state, next, 1)
    return call
  }

  private stateOf(functionId: string, limits: Limits): FunctionState<Call> {
    const state = this.states.get(functionId) ?? { limits, active: 0, byKey: new Map(), waiting: new Map() }
    state.limits = limits
    this.states.set(functionId, state)
    return state
  }
}

function isFull<Call>({ limits, active }: FunctionState<Call>): boolean {
  return limits.limit !== undefined && active >= limits.limit
}

function isKeyFull<Call>({ limits, byKey }: FunctionState<Call>, key: string): boolean {
  return limits.perKey !== undefined && (byKey.get(key) ?? 0) >= limits.perKey
}

function count<Call>(state: FunctionState<Call>, key: string, by: 1 | -1): void {
  state.active += by
  const calls = (state.byKey.get(key) ?? 0) + by
  if (calls > 0) state.byKey.set(key, calls)
  else state.byKey.delete(key)
}

/** Stops at the first key without active calls, so the cost doesn't grow with the number of waiting keys. */
function nextKey<Call>(state: FunctionState<Call>): string | undefined {
  let next: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const key of state.waiting.keys()) {
    const calls = state.byKey.get(key) ?? 0
    if (calls < fewest && !isKeyFull(state, key)) {
      next = key
      fewest = calls
    }
    if (fewest === 0) break
  }
  return next
}
