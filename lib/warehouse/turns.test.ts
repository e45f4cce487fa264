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
  const results = await Promise.all([1, 2, 3, 4, 5].map((name) => turns.take(1000, task(name))))
  expect(results).toEqual([1, 2, 3, 4, 5])
  expect(order).toEqual([1, 2, 3, 4, 5])
  expect(most).toBe(2)
})

test('a task that fails gives its turn on', async () => {
  const turns = new Turns(1)
  const failing = turns.take(1000, () => Promise.reject(new Error('no')))
  const next = turns.take(1000, async () => 'yes')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})

test('refuses when too many wait', async () => {
  const turns = new Turns(1)
  let finish: () => void = () => undefined
  const first = turns.take(1000, () => new Promise<void>((resolve) => (finish = resolve)))
  const waiting = Array.from({ length: 200 }, () => turns.take(1000, async () => 'done'))
  await expect(turns.take(1000, async () => 'too many')).rejects.toMatchObject({ recovery: 'retry' })
  finish()
  await first
  expect(await Promise.all(waiting)).toHaveLength(200)
})

test('gives up when its turn does not come, and nobody else loses theirs', async () => {
  const turns = new Turns(1)
  let finish: () => void = () => undefined
  const first = turns.take(1000, () => new Promise<void>((resolve) => (finish = resolve)))
  const impatient = turns.take(1, async () => 'late')
  const patient = turns.take(1000, async () => 'done')
  await expect(impatient).rejects.toMatchObject({ recovery: 'retry' })
  finish()
  await first
  expect(await patient).toBe('done')
})
