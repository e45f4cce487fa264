import { Transient } from '#lib/core/errors.ts'

const MAX_WAITING = 200

/** Runs at most a fixed number of tasks at once; the others wait in order. One that gives up leaves the queue at once. */
export class Semaphore {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** @throws Transient when too many tasks are waiting already, or this one waits longer than `maxWaitMs` */
  async run<T>(maxWaitMs: number, task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running += 1
    else await this.#wait(maxWaitMs)
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      // The place goes straight to the next task, so that no new one takes it in between.
      if (next) next()
      else this.#running -= 1
    }
  }

  #wait(maxWaitMs: number): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) throw busy()
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1)
        reject(busy())
      }, maxWaitMs)
      this.#waiting.push(start)
    })
  }
}

function busy(): Transient {
  return new Transient('This warehouse is busy with other work', { remedy: 'Nothing to do. Tracklake tries again.' })
}
