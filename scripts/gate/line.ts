/** A place in a line. */
interface Place {
  state(): 'waiting' | 'running' | 'left'
  /** Leaves the line. Does nothing if called before. */
  leave(): void
}

/** Lets a number of requests run at once; the others wait in order. */
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
    // Cleared once called: an abandoned request keeps its place for a while, but must not stay in memory.
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
