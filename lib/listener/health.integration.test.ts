import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { health } from './health.ts'

// Everything is away here: the database, the data folder, and an engine that says what the test wants.

let said: unknown = {}
const engine = createServer((_, response) => response.end(JSON.stringify(said)))

beforeAll(async () => {
  engine.listen(0, '127.0.0.1')
  await once(engine, 'listening')
  Object.assign(process.env, {
    DATABASE_URL: 'postgresql://user:hidden@127.0.0.1:9/nowhere',
    DATA_DIR: '/nowhere/at/all',
    INNGEST_BASE_URL: `http://127.0.0.1:${(engine.address() as AddressInfo).port}`,
  })
})
afterAll(() => engine.close())

async function engineCheck() {
  return (await health()).checks.find(({ name }) => name === 'background functions')
}

test('everybody may read the answer: it holds fixed words only', async () => {
  said = { ok: false, lastTickAt: null, problem: 'a secret sentence' }
  const { status, checks } = await health()
  expect(status).toBe('down')
  expect(checks).toEqual([
    { name: 'postgres', status: 'down', detail: 'does not answer' },
    {
      name: 'background functions',
      status: 'degraded',
      detail: 'report a problem: the log of the engine names it',
    },
    { name: 'planning', status: 'degraded', detail: 'cannot be looked at' },
    { name: 'disk', status: 'degraded', detail: 'cannot be looked at' },
    { name: 'stream runs', status: 'degraded', detail: 'cannot be counted' },
  ])
})

test('an engine that has not ticked for a while plans nothing, and the instance is down', async () => {
  said = { ok: false, lastTickAt: new Date(Date.now() - 120_000).toISOString(), problem: null }
  expect(await engineCheck()).toMatchObject({ status: 'down', detail: 'stand still: nothing new is planned' })
  said = { ok: false, lastTickAt: new Date().toISOString(), problem: null }
  expect(await engineCheck()).toMatchObject({ status: 'degraded', detail: 'are not ready yet' })
})

test('an engine that is well, or a server of Inngest, is well', async () => {
  said = { ok: true, lastTickAt: new Date().toISOString(), problem: null }
  expect(await engineCheck()).toMatchObject({ status: 'ok', detail: 'answer' })
  said = { status: 200, message: 'OK' }
  expect(await engineCheck()).toMatchObject({ status: 'ok', detail: 'answer' })
})
