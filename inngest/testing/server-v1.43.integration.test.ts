import { readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import canonicalize from 'canonicalize'
import { Inngest } from 'inngest'
import { serve } from 'inngest/node'
import { afterEach, expect, test } from 'vitest'
import { createEngine } from '#inngest/engine/engine.ts'
import { bearerOf, signatureOf } from '#inngest/engine/protocol/signing.ts'
import { freePorts, KEYS } from '#inngest/engine/testing/app.ts'
import { eventually } from '#testing/eventually.ts'
import { testDatabase } from '#testing/postgres/database.ts'
import {
  APP_REQUESTS,
  APP_RESPONSES,
  OLDEST_SERVER,
  SDK_VERSION,
  SERVER,
  SERVER_CALLS,
  SERVER_HEADERS,
  STEPS,
} from './server-v1.43.ts'

/** Replays an Inngest server's calls to a real app, and a real app's requests and responses to the engine. */

interface Received {
  method: string
  url: string
  headers: http.IncomingHttpHeaders
  body: unknown
}

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (let close = closers.pop(); close; close = closers.pop()) await close()
})

/** A server that records its requests and replies with recorded responses. @returns its origin */
async function replay(
  received: Received[],
  reply: (request: Received) => { status: number; headers: object; body: unknown },
  port = 0,
) {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const { method = '', url = '', headers } = request
    const one = { method, url, headers, body: JSON.parse(text || 'null') as unknown }
    received.push(one)
    const { status, headers: replyHeaders, body } = reply(one)
    response.writeHead(status, { ...replyHeaders }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The app that the recordings come from. @returns its serve address */
async function walkingApp(baseUrl: string): Promise<string> {
  const logger = { info() {}, warn() {}, error() {}, debug() {} }
  const inngest = new Inngest({ id: 'test', baseUrl, isDev: false, logger, ...KEYS })
  const functions = [
    inngest.createFunction(
      {
        id: 'walk',
        retries: 2,
        triggers: [{ event: 'walk' }],
        concurrency: [{ limit: 2 }, { limit: 1, key: 'event.data.who' }],
        onFailure: () => {},
      },
      async ({ step }) => {
        const one = await step.run('one', () => 1)
        await step.sleep('nap', '1s')
        await step.run('two', () => one + 1)
        return 'done'
      },
    ),
    inngest.createFunction({ id: 'tick', triggers: [{ cron: '0 0 1 1 *' }] }, () => 'tock'),
  ]
  const server = http.createServer(serve({ client: inngest, functions }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/inngest`
}

async function callApp(
  address: string,
  content: unknown,
  { method = 'POST', headers = {}, key = KEYS.signingKey, fnId = 'test-walk' } = {},
) {
  const body = canonicalize(content) ?? ''
  const query = method === 'POST' ? `?fnId=${fnId}&stepId=step` : ''
  const response = await fetch(`${address}${query}`, {
    method,
    body,
    headers: { ...SERVER_HEADERS, 'x-inngest-signature': signatureOf(body, key, new Date()), ...headers },
  })
  return { status: response.status, body: (await response.json()) as unknown }
}

const accepted = () => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: { ok: true, status: 200 },
})

test('an app handles the first call of a server: it reports each step and continues to the sleep', async () => {
  const received: Received[] = []
  const app = await walkingApp(await replay(received, accepted))
  expect(await callApp(app, SERVER_CALLS.first)).toEqual({ status: 206, body: APP_RESPONSES.sleep.body })
  const [checkpoint] = received
  expect(checkpoint).toMatchObject({
    method: 'POST',
    url: `/v1/checkpoint/${SERVER_CALLS.first.ctx.run_id}/async`,
    headers: { authorization: bearerOf(KEYS.signingKey) },
  })
  const { run_id, fn_id, qi_id, steps } = APP_REQUESTS.checkpoint
  const [{ id, op, data } = {}] = steps
  expect(checkpoint?.body).toMatchObject({ run_id, fn_id, qi_id, steps: [{ id, op, data }] })
})

test('an app responds with one step when the server does not support checkpoints', async () => {
  const received: Received[] = []
  const app = await walkingApp(await replay(received, accepted))
  const response = await callApp(app, SERVER_CALLS.withoutCheckpoints)
  expect(response).toMatchObject({ status: 206, body: [{ op: 'StepRun', id: STEPS.one, data: 1 }] })
  expect(received).toEqual([])
})

test('the composed server, the SDK and the recordings are of the same versions, and the docs name the oldest', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> }
  expect(dependencies.inngest).toBe(SDK_VERSION)
  const [, image] = /image: \$\{INNGEST_IMAGE:-inngest\/inngest:(.+)\}/.exec(readFileSync('compose.yaml', 'utf8')) ?? []
  expect(image).toBe(SERVER)
  expect(SERVER_CALLS.first.ctx).toMatchObject({ qi_id: expect.any(String), max_attempts: 3, generation_id: 1 })
  expect(readFileSync('docs/inngest.md', 'utf8')).toContain(`${OLDEST_SERVER} or newer`)
})

test('an app sends a response that a server before the minimum version cannot read', async () => {
  const app = await walkingApp(await replay([], accepted))
  const response = await callApp(app, SERVER_CALLS.tooOld, { fnId: 'test-tick' })
  expect(response).toMatchObject({ status: 206, body: [{ op: 'RunComplete' }] })
})

test('an app continues after the steps that a server remembers', async () => {
  const received: Received[] = []
  const app = await walkingApp(await replay(received, accepted))
  const response = await callApp(app, SERVER_CALLS.afterSleep)
  expect(response).toMatchObject({ status: 206, body: [{ op: 'RunComplete', data: 'done' }] })
  expect(received[0]?.body).toMatchObject({ steps: [{ op: 'StepRun', id: STEPS.two, data: 2 }] })
})

test('an app rethrows a remembered failure', async () => {
  const app = await walkingApp(await replay([], accepted))
  const response = await callApp(app, SERVER_CALLS.stepFailed)
  expect(response).toMatchObject({ status: 400, body: { name: 'Error', message: 'no' } })
})

test('an app describes its functions as recorded', async () => {
  const app = await walkingApp('http://127.0.0.1:9')
  const headers = { 'x-inngest-sync-kind': 'in_band' }
  const response = await callApp(app, SERVER_CALLS.sync, { method: 'PUT', headers })
  expect(response.status).toBe(200)
  const body = JSON.parse(JSON.stringify(response.body).replaceAll(app, APP_RESPONSES.sync.body.url))
  expect(body.functions).toEqual(APP_RESPONSES.sync.body.functions)
})

test.for(['POST', 'PUT', 'GET'])('an app refuses a server without its key: %s', async (method) => {
  process.env.INNGEST_ENABLE_UNAUTHED_SYNC = 'false'
  const app = await walkingApp('http://127.0.0.1:9')
  const content = method === 'GET' ? undefined : SERVER_CALLS.first
  for (const headers of [{}, { 'x-inngest-server-kind': 'dev' }, { 'x-inngest-sync-kind': 'in_band' }]) {
    const signature = signatureOf(canonicalize(content) ?? '', 'aa'.repeat(32), new Date())
    for (const signed of [[], [['x-inngest-signature', signature]]]) {
      const { status } = await fetch(`${app}?fnId=test-walk&stepId=step`, {
        method,
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
        headers: { 'content-type': 'application/json', ...headers, ...Object.fromEntries(signed) },
      })
      expect([method, headers, signed, status]).toEqual([method, headers, signed, 401])
    }
  }
})

/** Starts the engine with an app that replies from the recording. */
async function engineWithRecordedApp(received: Received[]): Promise<string> {
  const database = await testDatabase()
  const ports = await freePorts()
  closers.push(() => database.drop())
  let calls = 0
  const app = await replay(
    received,
    ({ method }) => (method === 'PUT' ? APP_RESPONSES.sync : calls++ === 0 ? APP_RESPONSES.sleep : APP_RESPONSES.end),
    ports.app,
  )
  const engine = createEngine({
    databaseUrl: database.url,
    port: ports.engine,
    appUrl: `${app}/api/inngest`,
    pollMs: 20,
    ...KEYS,
  })
  closers.push(() => engine.stop())
  await engine.start()
  return `http://127.0.0.1:${ports.engine}`
}

const bearer = { authorization: bearerOf(KEYS.signingKey), 'content-type': 'application/json' }

test('the engine calls an app as a server does, and understands its responses', async () => {
  const received: Received[] = []
  const engine = await engineWithRecordedApp(received)
  const { headers, body } = APP_REQUESTS.events
  const sent = await fetch(`${engine}/e/${KEYS.eventKey}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body[0] ? [body[0]] : []),
  })
  expect(await sent.json()).toEqual({ ids: ['a'], status: 200 })
  await eventually(() => received.filter(({ method }) => method === 'POST').length === 2)
  const [first, second] = received.filter(({ method }) => method === 'POST')
  expect(first?.url).toBe('/api/inngest?fnId=test-walk&stepId=step')
  expect(first?.headers['x-inngest-signature']).toBe(
    signatureOf(canonicalize(first?.body) ?? '', KEYS.signingKey, timeOf(first?.headers['x-inngest-signature'])),
  )
  // The fields of a server's call that the SDK reads.
  const read = [
    'attempt',
    'disable_immediate_execution',
    'fn_id',
    'max_attempts',
    'qi_id',
    'run_id',
    'stack',
    'use_api',
  ]
  const call = first?.body as typeof SERVER_CALLS.first
  expect(Object.keys(call.ctx).toSorted()).toEqual(read)
  expect(Object.keys(SERVER_CALLS.first.ctx)).toEqual(expect.arrayContaining(read))
  expect(call.event).toEqual({ ...SERVER_CALLS.first.event, id: 'a' })
  expect(call.ctx).toMatchObject({ attempt: 0, max_attempts: 3, stack: { stack: [], current: 0 } })
  expect(second?.body).toMatchObject({ steps: { [STEPS.nap]: { type: 'data', data: null } } })
})

test('the engine accepts events once and a registration, and refuses a stale checkpoint', async () => {
  const engine = await engineWithRecordedApp([])
  const { headers, body } = APP_REQUESTS.events
  const send = () => fetch(`${engine}/e/${KEYS.eventKey}`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect((await send()).status).toBe(200)
  expect((await send()).status).toBe(200)
  const post = (path: string, content: unknown) =>
    fetch(`${engine}${path}`, { method: 'POST', headers: bearer, body: JSON.stringify(content) })
  const { checkpoint, register } = APP_REQUESTS
  expect((await post(`/v1/checkpoint/${checkpoint.run_id}/async`, checkpoint)).status).toBe(409)
  expect(await (await post('/fn/register', register)).json()).toEqual({ ok: true, status: 200, modified: true })
})

function timeOf(signature: unknown): Date {
  return new Date(Number(/t=(\d+)/.exec(String(signature))?.[1]) * 1000)
}
