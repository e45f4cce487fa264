/** Counts requests and responses since the start or the last reset. */
export class Stats {
  #requests = new Map<string, number>()
  #statuses = new Map<string, number>()
  readonly #inFlight = new Map<string, number>()
  #maxInFlight = new Map<string, number>()

  /** Counts a request. @returns a function that ends it with its status, 0 if there was no response */
  start(group: string, isApi: boolean): (status: number) => void {
    const counters = isApi ? [group, 'all'] : [group]
    count(this.#requests, group)
    for (const counter of counters) {
      const now = count(this.#inFlight, counter)
      this.#maxInFlight.set(counter, Math.max(now, this.#maxInFlight.get(counter) ?? 0))
    }
    return (status) => {
      count(this.#statuses, String(status))
      for (const counter of counters) count(this.#inFlight, counter, -1)
    }
  }

  reset(): void {
    this.#requests = new Map()
    this.#statuses = new Map()
    this.#maxInFlight = new Map(this.#inFlight)
  }

  /** By path without ids. `all` in the in-flight counts is the Web API without accounts and artwork. */
  read() {
    return {
      requests: Object.fromEntries(this.#requests),
      statuses: Object.fromEntries(this.#statuses),
      inFlight: Object.fromEntries(this.#inFlight),
      maxInFlight: Object.fromEntries(this.#maxInFlight),
      tooMany: this.#statuses.get('429') ?? 0,
    }
  }
}

function count(counters: Map<string, number>, name: string, by = 1): number {
  const value = (counters.get(name) ?? 0) + by
  counters.set(name, value)
  return value
}
