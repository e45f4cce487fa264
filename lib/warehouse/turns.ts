import { Transient } from '#lib/core/errors.ts'

const MOST_WAITING = 200

/** Lets a fixed number of tasks run at once; the others wait in the order they came. */
export class Turns {
  readonly #atOnce: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** @throws Transient when too many are waiting already, or when the turn does not come within `patienceMs` */
  async take<T>(patienceMs: number, task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running += 1
    else await this.#wait(patienceMs)
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      // The turn goes straight to the next one, so that nobody can slip in between.
      if (next) next()
      else this.#running -= 1
    }
  }

  #wait(patienceMs: number): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING) throw busy()
    return new Promise((resolve, reject) => {
      const turn = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(busy())
      }, patienceMs)
      this.#waiting.push(turn)
    })
  }
}

function busy(): Transient {
  return new Transient('Too many others work with this warehouse', { remedy: 'Nothing to do. It is tried again.' })
}
