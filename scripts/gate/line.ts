/** A place in a line. */
interface Place {
  state(): 'waiting' | 'running' | 'left'
  /** Ends the waiting or the running; nothing if it has been called before. */
  leave(): void
}

/** Lets a number of requests run at once; the others wait in the order in which they came. */
export class Line {
  readonly #atOnce: number
  #running = 0
  readonly #waiting = new Set<() => void>()

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** Calls back as soon as there is room. */
  enter(onRoom: () => void): Place {
    let state: ReturnType<Place['state']> = 'waiting'
    // Forgotten once called: the place of an abandoned request is kept for a while, and must not keep the request.
    let pending: (() => void) | undefined = onRoom
    const run = () => {
      const call = pending
      pending = undefined
      state = 'running'
      this.#running += 1
      call?.()
    }
    const leave = () => {
      const before = state
      state = 'left'
      if (before === 'running') this.#free()
      else this.#waiting.delete(run)
    }
    if (this.#running < this.#atOnce) run()
    else this.#waiting.add(run)
    return { state: () => state, leave }
  }

  #free(): void {
    this.#running -= 1
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next)
    next()
  }
}
