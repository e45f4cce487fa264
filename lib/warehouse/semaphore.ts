import pLimit from 'p-limit'
import { Transient } from '#lib/core/errors.ts'

const MAX_WAITING = 200

/** Runs at most a fixed number of tasks at once; the others wait in order. */
export class Semaphore {
  readonly #limit: ReturnType<typeof pLimit>

  constructor(limit: number) {
    this.#limit = pLimit(limit)
  }

  /** @throws Transient when too many tasks are waiting already, or this one waits longer than `maxWaitMs` */
  run<T>(maxWaitMs: number, task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#limit.pendingCount >= MAX_WAITING) return reject(busy())
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        reject(busy())
      }, maxWaitMs)
      this.#limit(async () => {
        clearTimeout(timer)
        if (!isLate) resolve(await task())
      }).catch(reject)
    })
  }
}

function busy(): Transient {
  return new Transient('This warehouse is busy with other work', { remedy: 'Nothing to do. Tracklake tries again.' })
}
