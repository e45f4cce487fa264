/** What was asked and answered since the start or the last reset. */
export class Stats {
  #requests = new Map<string, number>()
  #statuses = new Map<string, number>()
  readonly #inFlight = new Map<string, number>()
  #mostInFlight = new Map<string, number>()

  /** A request begins; the function that is returned ends it with the status that was answered (0 for none). */
  start(group: string, isApi: boolean): (status: number) => void {
    const counters = isApi ? [group, 'all'] : [group]
    count(this.#requests, group)
    for (const counter of counters) {
      const now = count(this.#inFlight, counter)
      this.#mostInFlight.set(counter, Math.max(now, this.#mostInFlight.get(counter) ?? 0))
    }
    return (status) => {
      count(this.#statuses, String(status))
      for (const counter of counters) count(this.#inFlight, counter, -1)
    }
  }

  reset(): void {
    this.#requests = new Map()
    this.#statuses = new Map()
    this.#mostInFlight = new Map(this.#inFlight)
  }

  /** Groups are addresses without ids; `all` in the in-flight figures is the whole Web API, without accounts and pictures. */
  read() {
    return {
      requests: Object.fromEntries(this.#requests),
      statuses: Object.fromEntries(this.#statuses),
      inFlight: Object.fromEntries(this.#inFlight),
      mostInFlight: Object.fromEntries(this.#mostInFlight),
      tooMany: this.#statuses.get('429') ?? 0,
    }
  }
}

function count(counters: Map<string, number>, name: string, by = 1): number {
  const value = (counters.get(name) ?? 0) + by
  counters.set(name, value)
  return value
}
