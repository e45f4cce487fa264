import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { MINUTE } from '#lib/core/clock.ts'
import { health } from './health.ts'

// Database and data folder are unreachable, and the engine reports what the test sets.

const HANGS = Symbol('hangs')
let report: unknown = {}
const engine = createServer((_, response) => {
  if (report !== HANGS) response.end(JSON.stringify(report))
})
const HEALTHY = { ok: true, lastTickAt: '2026-05-04T10:00:00.000Z', problem: null }

beforeAll(async () => {
  engine.listen(0, '127.0.0.1')
  await once(engine, 'listening')
  Object.assign(process.env, {
    DATABASE_URL: 'postgresql://user:hidden@127.0.0.1:9/nowhere',
    DATA_DIR: '/nowhere/at/all',
    INNGEST_BASE_URL: `http://127.0.0.1:${(engine.address() as AddressInfo).port}`,
  })
})
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  report = HEALTHY
  await engineCheck()
})
afterAll(() => {
  vi.useRealTimers()
  engine.close()
  engine.closeAllConnections()
})

const passes = (ms: number) => vi.setSystemTime(Date.now() + ms)

async function engineCheck() {
  return (await health()).checks.find(({ name }) => name === 'background functions')
}

test('the public response contains only fixed texts', async () => {
  report = { ok: false, lastTickAt: null, problem: 'a secret sentence' }
  const { status, checks } = await health()
  expect(status).toBe('down')
  expect(checks).toEqual([
    { name: 'postgres', status: 'down', detail: 'not responding' },
    {
      name: 'background functions',
      status: 'degraded',
      detail: 'reporting a problem, see the engine log',
    },
    { name: 'planning', status: 'degraded', detail: 'cannot be checked' },
    { name: 'disk', status: 'degraded', detail: 'cannot be checked' },
    { name: 'stream runs', status: 'degraded', detail: 'cannot be counted' },
  ])
})

test('an engine that has not ticked for a while brings the instance down', async () => {
  report = { ok: false, lastTickAt: new Date(Date.now() - 120_000).toISOString(), problem: null }
  expect(await engineCheck()).toMatchObject({ status: 'down', detail: 'stalled: nothing new is planned' })
  report = { ok: false, lastTickAt: new Date().toISOString(), problem: null }
  expect(await engineCheck()).toMatchObject({ status: 'degraded', detail: 'not ready yet' })
})

test.for([
  ['has never ticked', { ok: false, lastTickAt: null, problem: null }, 'not ready yet'],
  [
    'has never ticked and reports why',
    { ok: false, lastTickAt: null, problem: 'x' },
    'reporting a problem, see the engine log',
  ],
] as const)(
  'an engine that %s brings the instance down after a minute, until it has recovered',
  async ([, unhealthy, detail]) => {
    report = unhealthy
    expect(await engineCheck()).toMatchObject({ status: 'degraded', detail })
    passes(MINUTE / 2)
    expect(await engineCheck()).toMatchObject({ status: 'degraded', detail })
    passes(MINUTE)
    expect(await engineCheck()).toMatchObject({ status: 'down', detail: 'stalled: nothing new is planned' })
    report = HEALTHY
    expect(await engineCheck()).toMatchObject({ status: 'ok' })
    report = unhealthy
    expect(await engineCheck()).toMatchObject({ status: 'degraded' })
  },
)

test('so does an engine that hangs', async () => {
  report = HANGS
  expect(await engineCheck()).toMatchObject({ detail: 'not responding: runs wait until they are back' })
  passes(2 * MINUTE)
  expect(await engineCheck()).toMatchObject({ status: 'down' })
})

test('so does an engine that is not at its port', async () => {
  const { INNGEST_BASE_URL } = process.env
  engine.closeAllConnections()
  await new Promise((closed) => engine.close(closed))
  expect(await engineCheck()).toMatchObject({ status: 'degraded' })
  passes(2 * MINUTE)
  expect(await engineCheck()).toMatchObject({ status: 'down' })
  engine.listen(Number(new URL(INNGEST_BASE_URL ?? '').port), '127.0.0.1')
  await once(engine, 'listening')
})

test('a healthy engine and an Inngest server are ok', async () => {
  report = { ok: true, lastTickAt: new Date().toISOString(), problem: null }
  expect(await engineCheck()).toMatchObject({ status: 'ok', detail: 'responding' })
  report = { status: 200, message: 'OK' }
  expect(await engineCheck()).toMatchObject({ status: 'ok', detail: 'responding' })
})
