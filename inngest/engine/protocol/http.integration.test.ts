import { afterEach, expect, test } from 'vitest'
import { KEYS, serveUrl } from '#inngest/engine/testing/app.ts'
import { type EngineHarness, startEngineHarness } from '#inngest/engine/testing/harness.ts'
import { bearerOf } from './signing.ts'

let harness: EngineHarness

afterEach(() => harness.close())

const open = async () => {
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'quiet', triggers: [{ event: 'quiet' }] }, () => 'quiet'),
  ])
  return `http://127.0.0.1:${harness.ports.engine}`
}

const bearer = { authorization: bearerOf(KEYS.signingKey) }
const run = '/v1/checkpoint/01JZZZZZZZZZZZZZZZZZZZZZZZ/async'
const checkpoint = JSON.stringify({ run_id: 'x', qi_id: 'x', steps: [] })

test('only health is open without a key', async () => {
  const engine = await open()
  const status = async (method: string, path: string, headers = {}, body?: string) =>
    (await fetch(`${engine}${path}`, { method, headers, body })).status
  expect(await status('GET', '/health')).toBe(200)
  expect(await status('POST', '/e/wrong', {}, '{"name":"quiet"}')).toBe(401)
  expect(await status('GET', `/e/${KEYS.eventKey}`)).toBe(401)
  expect(await status('POST', run, {}, checkpoint)).toBe(401)
  expect(await status('POST', run, { authorization: `Bearer ${KEYS.signingKey}` }, checkpoint)).toBe(401)
  expect(await status('POST', '/fn/register', {}, '{}')).toBe(401)
  expect(await status('GET', '/', {})).toBe(401)
  expect(await status('GET', '/', bearer)).toBe(404)
})

test('a checkpoint of an inactive call gets 409, which makes the SDK stop', async () => {
  const engine = await open()
  const response = await fetch(`${engine}${run}`, { method: 'POST', headers: bearer, body: checkpoint })
  expect(response.status).toBe(409)
})

test('bodies are limited in size and validated', async () => {
  const engine = await open()
  const status = async (body: string) => (await fetch(`${engine}/e/${KEYS.eventKey}`, { method: 'POST', body })).status
  expect(await status('{')).toBe(400)
  expect(await status(JSON.stringify({ name: 'quiet', data: { text: 'x'.repeat(7 * 1024 * 1024) } }))).toBe(200)
  expect(await status(JSON.stringify({ name: 'quiet', data: { text: 'x'.repeat(9 * 1024 * 1024) } }))).toBe(413)
})

test('health shows whether the engine runs and when it last reached its database', async () => {
  const engine = await open()
  const health = await (await fetch(`${engine}/health`)).json()
  expect(health).toEqual({ ok: true, state: 'running', lastTickAt: expect.any(String), problem: null })
})

test('the app refuses calls that the engine did not sign', async () => {
  await open()
  const url = `${serveUrl(harness.ports)}?fnId=test-quiet&stepId=step`
  const body = JSON.stringify({
    event: { name: 'quiet', data: {} },
    events: [],
    steps: {},
    ctx: { run_id: 'x', attempt: 0 },
  })
  const headers = {
    'content-type': 'application/json',
    'x-inngest-signature': `t=${Math.floor(Date.now() / 1000)}&s=00`,
  }
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(401)
  expect((await fetch(url, { method: 'POST', body })).status).toBe(401)
})
