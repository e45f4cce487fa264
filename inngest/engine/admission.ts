/**
 * How many calls of a function are under way, and who waits for a place, first come first served.
 * It lives in memory: there is one engine, and after a crash every call is announced anew.
 */
export class Admission<Call extends { functionId: string }> {
  private readonly underWay = new Map<string, number>()
  private readonly waiting = new Map<string, Call[]>()

  /** @returns false when the call has to wait; then whoever leaves takes it along */
  enter(call: Call, limit: number | undefined): boolean {
    const busy = this.underWay.get(call.functionId) ?? 0
    if (limit !== undefined && busy >= limit) {
      const queue = this.waiting.get(call.functionId)
      if (queue) queue.push(call)
      else this.waiting.set(call.functionId, [call])
      return false
    }
    this.underWay.set(call.functionId, busy + 1)
    return true
  }

  /** Gives a place back. @returns the call that waited longest; the place is now its own */
  leave(functionId: string): Call | undefined {
    const next = this.waiting.get(functionId)?.shift()
    if (!next) this.underWay.set(functionId, (this.underWay.get(functionId) ?? 1) - 1)
    return next
  }
}
