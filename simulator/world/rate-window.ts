/** How many requests an app can make in a rolling window. */
export interface Window {
  seconds: number
  requests: number
  /** Spotify mostly sends JSON, sometimes plain text. */
  body?: 'json' | 'plain'
}

/** Uses real time, not the simulated clock, because clients wait in real time. */
export class RateWindow {
  #window: Window
  // Times of the allowed requests that are still in the window.
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

  /** Lets a request through, or returns how many seconds to wait. */
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
