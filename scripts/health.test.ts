import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { MINUTE, SECOND } from '#lib/core/clock.ts'
import { waitUntilHealthy, whileReporting } from './health.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('a slow start prints how long it has taken and what it waits for', async () => {
  vi.useFakeTimers()
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  let finish: () => void = () => undefined
  const work = whileReporting(
    () => 'the database is being migrated',
    () => new Promise<void>((done) => (finish = done)),
  )
  await vi.advanceTimersByTimeAsync(14 * SECOND)
  expect(printed).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(17 * SECOND)
  expect(printed.mock.calls.flat()).toEqual([
    'still starting after 15 s: the database is being migrated',
    'still starting after 30 s: the database is being migrated',
  ])
  finish()
  await work
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(printed).toHaveBeenCalledTimes(2)
})

test('a start that gives up names the parts that do not work', async () => {
  const checks = [
    { name: 'postgres', status: 'down', detail: 'not responding' },
    { name: 'disk', status: 'ok', detail: '5000 MB free' },
  ]
  const server = createServer((_, response) => response.end(JSON.stringify({ status: 'down', bootId: 'boot', checks })))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  vi.useFakeTimers({ toFake: ['Date'] })
  // The deadline has passed when the first response arrives.
  server.on('request', () => vi.setSystemTime(Date.now() + 3 * MINUTE))
  await expect(waitUntilHealthy(origin, 'boot', new AbortController().signal)).rejects.toThrow(
    /within two minutes: postgres: not responding\.$/,
  )
  server.close()
})
