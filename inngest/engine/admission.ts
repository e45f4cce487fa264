/** How many calls of a function may be under way at once. */
export interface Limits {
  /** Of the function; undefined is no limit. */
  limit: number | undefined
  /** Of those that share a key; undefined is no limit. */
  perKey?: number | undefined
}

interface Asking {
  functionId: string
  /** For whom the call is, where the function says so; all without one share a place in line. */
  key?: string
}

/** The places of one function. */
interface Line<Call> {
  limits: Limits
  underWay: number
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
export class Admission<Call extends Asking> {
  private readonly lines = new Map<string, Line<Call>>()

  /** @returns false when the call has to wait; then whoever leaves takes it along */
  enter(call: Call, limits: Limits): boolean {
    const line = this.lineOf(call.functionId, limits)
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
    const line = this.lines.get(functionId)
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

  private lineOf(functionId: string, limits: Limits): Line<Call> {
    const line = this.lines.get(functionId) ?? { limits, underWay: 0, byKey: new Map(), waiting: new Map() }
    line.limits = limits
    this.lines.set(functionId, line)
    return line
  }
}

function isFull<Call>({ limits, underWay }: Line<Call>): boolean {
  return limits.limit !== undefined && underWay >= limits.limit
}

function isKeyFull<Call>({ limits, byKey }: Line<Call>, key: string): boolean {
  return limits.perKey !== undefined && (byKey.get(key) ?? 0) >= limits.perKey
}

function count<Call>(line: Line<Call>, key: string, by: 1 | -1): void {
  line.underWay += by
  const calls = (line.byKey.get(key) ?? 0) + by
  if (calls > 0) line.byKey.set(key, calls)
  else line.byKey.delete(key)
}

/** Looks no further than the first key with nothing under way, so its work does not grow with those who wait. */
function nextKey<Call>(line: Line<Call>): string | undefined {
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
