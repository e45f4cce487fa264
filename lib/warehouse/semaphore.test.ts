import { expect, test } from 'vitest'
import { Semaphore } from './semaphore.ts'

test('runs only so many tasks at once, the others in order', async () => {
  const semaphore = new Semaphore(2)
  const order: number[] = []
  let running = 0
  let most = 0
  const task = (name: number) => async () => {
    order.push(name)
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running -= 1
    return name
  }
  const results = await Promise.all([1, 2, 3, 4, 5].map((name) => semaphore.run(1000, task(name))))
  expect(results).toEqual([1, 2, 3, 4, 5])
  expect(order).toEqual([1, 2, 3, 4, 5])
  expect(most).toBe(2)
})

test('a task that fails lets the next one run', async () => {
  const semaphore = new Semaphore(1)
  const failing = semaphore.run(1000, () => Promise.reject(new Error('no')))
  const next = semaphore.run(1000, async () => 'yes')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})

test('refuses a task when too many wait', async () => {
  const semaphore = new Semaphore(1)
  let finish: () => void = () => undefined
  const first = semaphore.run(1000, () => new Promise<void>((resolve) => (finish = resolve)))
  const waiting = Array.from({ length: 200 }, () => semaphore.run(1000, async () => 'done'))
  await expect(semaphore.run(1000, async () => 'too many')).rejects.toMatchObject({ recovery: 'retry' })
  finish()
  await first
  expect(await Promise.all(waiting)).toHaveLength(200)
})

test('gives up when it waits too long, and the other tasks still run', async () => {
  const semaphore = new Semaphore(1)
  let finish: () => void = () => undefined
  const first = semaphore.run(1000, () => new Promise<void>((resolve) => (finish = resolve)))
  const impatient = semaphore.run(1, async () => 'late')
  const patient = semaphore.run(1000, async () => 'done')
  await expect(impatient).rejects.toMatchObject({ recovery: 'retry' })
  finish()
  await first
  expect(await patient).toBe('done')
})

test('tasks that gave up leave room for new ones, while the first one still runs', async () => {
  const semaphore = new Semaphore(1)
  let finish: () => void = () => undefined
  const first = semaphore.run(1000, () => new Promise<void>((resolve) => (finish = resolve)))
  const impatient = await Promise.allSettled(Array.from({ length: 200 }, () => semaphore.run(1, async () => 'late')))
  expect(impatient.every(({ status }) => status === 'rejected')).toBe(true)
  const patient = semaphore.run(1000, async () => 'done')
  finish()
  await first
  expect(await patient).toBe('done')
})
