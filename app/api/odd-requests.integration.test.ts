import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { z } from 'zod'
import type { Endpoint } from '#lib/api/endpoint.ts'
import { endpoints } from '#lib/api/index.ts'
import { refusalsOf } from '#lib/api/refusals.ts'
import { cookieName } from '#lib/auth/cookies.ts'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'

/** Sends an odd text in every place of every contract where a text may stand. */

const request = vi.hoisted(() => ({ cookies: new Map<string, string>(), headers: new Headers() }))
vi.mock('next/headers', () => ({
  cookies: async () => ({ get: (name: string) => ({ value: request.cookies.get(name) }) }),
  headers: async () => request.headers,
}))

const SESSION = 'session'
const ODD_TEXTS = ['a\0b', '\0', '\u0001', 'a\u001b[31m', 'a\x7f', '\ud83c', '\udf0a wave']
const OTHER_ODD_JSON = ['1e400', '-1e400', '9007199254740993', '[[[[1]]]]', '{"__proto__":{"isAdmin":true}}', 'null']
const DEEP = `${'['.repeat(30_000)}${']'.repeat(30_000)}`

test.beforeAll(async ({ harness }) => {
  const { userId } = await harness.signIn('load-1')
  await db().user.update({ where: { id: userId }, data: { isAdmin: true } })
  await db().session.create({ data: { sessionToken: SESSION, userId, expires: new Date('2100-01-01') } })
})

interface Sent {
  session?: string | null
  params?: Record<string, string>
  query?: Record<string, string>
  /** As text, because some values have no other form. */
  body?: string
}

/** @returns status and error code */
async function call({ method, path }: Endpoint, { session = SESSION, params = {}, query = {}, body = '{}' }: Sent) {
  request.cookies = new Map(session === null ? [] : [[cookieName('session-token'), session]])
  const route = await import(join(import.meta.dirname, '..', path, 'route.ts'))
  const url = `http://127.0.0.1:3000${path}?${new URLSearchParams(query)}`
  const sent = new Request(url, { method, ...(method === 'GET' ? {} : { body }) })
  const response: Response = await route[method](sent, { params: Promise.resolve(params) })
  const { error } = z.object({ error: z.object({ code: z.string() }).optional() }).parse(await response.json())
  return { status: response.status, code: error?.code }
}

const paramsOf = ({ path }: Endpoint) => [...path.matchAll(/\[(\w+)\]/g)].map(([, name = '']) => name)
const fieldsOf = (shape: z.ZodType | undefined) => (shape instanceof z.ZodObject ? Object.keys(shape.shape) : [])

const each = endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const)
const REFUSED = { status: 400, code: 'bad-request' }

test.for(each)('%s refuses texts that no store can hold in any field', async ([, endpoint]) => {
  expect(refusalsOf(endpoint)).toContain('bad-request')
  const usual = Object.fromEntries(paramsOf(endpoint).map((name) => [name, 'unknown']))
  for (const text of ODD_TEXTS) {
    for (const name of paramsOf(endpoint))
      expect(await call(endpoint, { params: { ...usual, [name]: text } }), name).toEqual(REFUSED)
    // A query has no halves of characters: they arrive as U+FFFD.
    if (text.isWellFormed()) {
      for (const name of [...fieldsOf(endpoint.query), 'other'])
        expect(await call(endpoint, { params: usual, query: { [name]: text } }), name).toEqual(REFUSED)
      expect(await call(endpoint, { params: usual, query: { [text]: 'other' } })).toEqual(REFUSED)
    }
    if (endpoint.method === 'GET' || endpoint.upload) continue
    for (const name of [...fieldsOf(endpoint.body), 'other'])
      for (const value of [text, [text], { [text]: 1 }, { inner: [text] }])
        expect(await call(endpoint, { params: usual, body: JSON.stringify({ [name]: value }) }), name).toEqual(REFUSED)
  }
  if (endpoint.method !== 'GET' && !endpoint.upload)
    expect(await call(endpoint, { params: usual, body: DEEP })).toEqual(REFUSED)
})

const changes = each.filter(([, { method, body }]) => method !== 'GET' && fieldsOf(body).length > 0)

test.for(changes)('%s never fails on a value of the wrong type', async ([, endpoint]) => {
  const params = Object.fromEntries(paramsOf(endpoint).map((name) => [name, 'unknown']))
  for (const name of fieldsOf(endpoint.body)) {
    for (const value of OTHER_ODD_JSON) {
      const { status } = await call(endpoint, { params, body: `{"${name}": ${value}}` })
      expect(status, `${name}: ${value}`).toBeLessThan(500)
    }
  }
})

test.for(each)('%s never fails on an odd cookie or text from a stranger', async ([, endpoint]) => {
  const params = Object.fromEntries(paramsOf(endpoint).map((name) => [name, 'a\0b']))
  for (const session of ['a\0b', '\ud83c', 'x'.repeat(100_000), null]) {
    const body = JSON.stringify({ code: 'a\0b', invite: 'a\0b' })
    const { status } = await call(endpoint, { session, params, query: { cursor: 'a\0b' }, body })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  }
})

test.for(['signin', 'callback', 'signout'])(
  'the next-auth form for %s refuses such texts in every field',
  async (action) => {
    request.cookies = new Map()
    const { POST } = await import('./auth/[...nextauth]/route.ts')
    for (const name of ['csrfToken', 'callbackUrl', 'app', 'invite', 'other']) {
      const form = { method: 'POST', body: new URLSearchParams({ [name]: 'a\0b' }) }
      const sent = new Request(`http://127.0.0.1:3000/api/auth/${action}/spotify`, form)
      const { status } = await POST(sent, { params: Promise.resolve({ nextauth: [action, 'spotify'] }) })
      expect([name, status]).toEqual([name, 400])
    }
  },
)
