import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('runs only so many at once, the others in their order', async () => {
  const turns = new Turns(2)
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
  const results = await Promise.all([1, 2, 3, 4, 5].map((name) => turns.take(task(name))))
  expect(results).toEqual([1, 2, 3, 4, 5])
  expect(order).toEqual([1, 2, 3, 4, 5])
  expect(most).toBe(2)
})

test('a task that fails gives its turn on', async () => {
  const turns = new Turns(1)
  const failing = turns.take(() => Promise.reject(new Error('no')))
  const next = turns.take(async () => 'yes')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})

test('refuses when too many wait', async () => {
  const turns = new Turns(1)
  let finish: () => void = () => undefined
  const first = turns.take(() => new Promise<void>((resolve) => (finish = resolve)))
  const waiting = Array.from({ length: 200 }, () => turns.take(async () => 'done'))
  await expect(turns.take(async () => 'too many')).rejects.toMatchObject({ recovery: 'retry' })
  finish()
  await first
  expect(await Promise.all(waiting)).toHaveLength(200)
})
