import { Transient } from '../../errors.ts'

const MOST_WAITING = 200

/** Lets a fixed number of tasks run at once; the others wait in the order they came. */
export class Turns {
  readonly #atOnce: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** @throws Transient when too many are waiting already */
  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running += 1
    else await this.#wait()
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      // The turn goes straight to the next one, so that nobody can slip in between.
      if (next) next()
      else this.#running -= 1
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING)
      throw new Transient('Too many questions wait for one warehouse', {
        remedy: 'Nothing to do. It is tried again.',
      })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
