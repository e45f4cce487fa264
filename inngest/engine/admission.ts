/** How many calls of a function may be under way at once. */
export interface Limits {
  /** Of the function; undefined is no limit. */
  limit: number | undefined
  /** Of those that share a key; undefined is no limit. */
  perKey?: number | undefined
}

interface Requester {
  functionId: string
  /** For whom the call is, where the function says so; all without one share a place in line. */
  key?: string
}

/** The places of one function. */
interface Queue<Call> {
  limits: Limits
  active: number
  byKey: Map<string, number>
  /** Who waits, by key; the key that was served longest ago stands first. */
  waiting: Map<string, Call[]>
}

/**
 * How many calls of a function are under way, and who waits for a place. Of those who wait it is the turn of the key
 * with the fewest calls under way, and among these of the one that was served longest ago: whoever asks for a thousand
 * calls delays nobody who asks for three. Calls of one key come first come first served.
 * It lives in memory: there is one engine, and after a crash every call is announced anew.
 */
export class Admission<Call extends Requester> {
  private readonly queues = new Map<string, Queue<Call>>()

  /** @returns false when the call has to wait; then whoever leaves takes it along */
  enter(call: Call, limits: Limits): boolean {
    const line = this.queueOf(call.functionId, limits)
    const key = call.key ?? ''
    if (!isFull(line) && !isKeyFull(line, key)) {
      count(line, key, 1)
      return true
    }
    const queue = line.waiting.get(key)
    if (queue) queue.push(call)
    else line.waiting.set(key, [call])
    return false
  }

  /** Gives a place back. @returns the call whose turn it is; the place is now its own */
  leave({ functionId, key = '' }: Call): Call | undefined {
    const line = this.queues.get(functionId)
    if (!line) return undefined
    count(line, key, -1)
    const next = isFull(line) ? undefined : nextKey(line)
    if (next === undefined) return undefined
    const queue = line.waiting.get(next) ?? []
    const call = queue.shift()
    line.waiting.delete(next)
    if (queue.length > 0) line.waiting.set(next, queue)
    count(line, next, 1)
    return call
  }

  private queueOf(functionId: string, limits: Limits): Queue<Call> {
    const line = this.queues.get(functionId) ?? { limits, active: 0, byKey: new Map(), waiting: new Map() }
    line.limits = limits
    this.queues.set(functionId, line)
    return line
  }
}

function isFull<Call>({ limits, active: underWay }: Queue<Call>): boolean {
  return limits.limit !== undefined && underWay >= limits.limit
}

function isKeyFull<Call>({ limits, byKey }: Queue<Call>, key: string): boolean {
  return limits.perKey !== undefined && (byKey.get(key) ?? 0) >= limits.perKey
}

function count<Call>(line: Queue<Call>, key: string, by: 1 | -1): void {
  line.active += by
  const calls = (line.byKey.get(key) ?? 0) + by
  if (calls > 0) line.byKey.set(key, calls)
  else line.byKey.delete(key)
}

/** Looks no further than the first key with nothing under way, so its work does not grow with those who wait. */
function nextKey<Call>(line: Queue<Call>): string | undefined {
  let next: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const key of line.waiting.keys()) {
    const calls = line.byKey.get(key) ?? 0
    if (calls < fewest && !isKeyFull(line, key)) {
      next = key
      fewest = calls
    }
    if (fewest === 0) break
  }
  return next
}
