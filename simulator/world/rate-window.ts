/** How many requests the app may make in a rolling window. */
export interface Window {
  seconds: number
  requests: number
  /** Spotify answers JSON mostly and plain text sometimes. */
  body?: 'json' | 'plain'
}

/** Counts real time, not the simulated clock: a client that waits does so in real time. */
export class RateWindow {
  #window: Window
  // Instants of the requests that were let through and are still in the window: bounded by its size.
  #passed: number[] = []

  constructor(window: Window) {
    this.#window = window
  }

  get body(): 'json' | 'plain' {
    return this.#window.body ?? 'json'
  }

  set(window: Window): void {
    this.#window = window
    this.#passed = []
  }

  /** Lets a request through, or says for how many whole seconds to wait. */
  pass(now: number): number | undefined {
    const { seconds, requests } = this.#window
    const start = now - seconds * 1000
    const firstInside = this.#passed.findIndex((instant) => instant > start)
    if (firstInside !== 0) this.#passed.splice(0, firstInside < 0 ? this.#passed.length : firstInside)
    const oldest = this.#passed[0]
    if (this.#passed.length >= requests && oldest !== undefined)
      return Math.max(1, Math.ceil((oldest + seconds * 1000 - now) / 1000))
    if (requests === 0) return Math.ceil(seconds)
    this.#passed.push(now)
    return undefined
  }
}
