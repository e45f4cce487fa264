import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bodyOf } from './download.ts'

const PART = new Uint8Array(1024)

let returned: number
let ended: number
let produced: number

beforeEach(() => {
  ;[returned, ended, produced] = [0, 0, 0]
})
afterEach(() => {
  vi.useRealTimers()
})

async function* parts(count: number, failure?: Error): AsyncGenerator<Uint8Array, void> {
  try {
    for (let index = 0; index < count; index++) {
      produced += 1
      yield PART
    }
    if (failure) throw failure
  } finally {
    returned += 1
  }
}

const onEnd = () => {
  ended += 1
}

test('sends everything and ends once', async () => {
  const body = await bodyOf(parts(3), onEnd)
  expect((await new Response(body).arrayBuffer()).byteLength).toBe(3 * 1024)
  expect([returned, ended]).toEqual([1, 1])
})

test('reads no further than the caller does, and ends when the caller cancels', async () => {
  const body = await bodyOf(parts(1000), onEnd)
  const reader = body.getReader()
  for (let index = 0; index < 5; index++) await reader.read()
  expect(produced).toBeLessThanOrEqual(6)
  await reader.cancel()
  expect([returned, ended]).toEqual([1, 1])
})

test('throws what fails before the first part, and breaks off at what fails later', async () => {
  await expect(bodyOf(parts(0, new Error('early')), onEnd)).rejects.toThrow('early')
  const body = await bodyOf(parts(2, new Error('late')), onEnd)
  await expect(new Response(body).arrayBuffer()).rejects.toThrow('late')
  expect([returned, ended]).toEqual([2, 1])
})

test('ends when the caller takes nothing any more, also before the first part', async () => {
  vi.useFakeTimers()
  for (const reads of [0, 1, 3]) {
    const body = await bodyOf(parts(1000), onEnd, { stalledMs: 50, deadlineMs: 100_000 })
    const reader = body.getReader()
    for (let index = 0; index < reads; index++) await reader.read()
    await vi.advanceTimersByTimeAsync(49)
    expect(ended).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    await expect(reader.read()).rejects.toThrow('the caller stopped reading')
    expect([returned, ended]).toEqual([1, 1])
    ;[returned, ended] = [0, 0]
  }
})

test('ends at the deadline, however busy the caller is', async () => {
  vi.useFakeTimers()
  const reader = (await bodyOf(parts(1000), onEnd, { stalledMs: 50, deadlineMs: 100 })).getReader()
  for (let waited = 0; waited < 90; waited += 30) {
    await reader.read()
    await vi.advanceTimersByTimeAsync(30)
  }
  await vi.advanceTimersByTimeAsync(10)
  await expect(reader.read()).rejects.toThrow('the file took too long')
  expect([returned, ended]).toEqual([1, 1])
})
