import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** A server that loads what the web process loads before Next, and responds to everything that reaches it. */
const SERVER = `
  require('node:http').createServer((request, response) => response.end('reached'))
    .listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
const child = spawn(process.execPath, ['--import', './scripts/gate/install.ts', '-e', SERVER])

let origin: string
beforeAll(async () => {
  const [port] = await once(createInterface(child.stdout), 'line')
  origin = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  child.kill()
  await once(child, 'exit')
})

test.for([
  ['/runs/%00', {}],
  ['/api/runs/a%00b', {}],
  ['/runs?cursor=%00', {}],
  ['/api/runs?cursor=x%1Fy', {}],
  ['/sign-in?invite=a&%00=b', {}],
  ['/overview', { cookie: 'tracklake-real.session-token=a%00b' }],
  ['/api/auth/callback/spotify?code=%01&state=x', {}],
  ['/metrics', { cookie: 'a=b; __Host-tracklake-real.attempt=%7f' }],
] as const)('refuses an encoded control character with 400 before Next sees it: %s %j', async ([path, headers]) => {
  const response = await fetch(`${origin}${path}`, { headers })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: 'bad-request' } })
})

test.for(['/runs?cursor=%2500', '/runs?q=%09%0A%0D', '/runs?q=Sigur%20R%C3%B3s%F0%9F%8C%8A', '/%E2%80%A6', '/a%0'])(
  'other requests pass: %s',
  async (path) => {
    expect(await (await fetch(`${origin}${path}`)).text()).toBe('reached')
  },
)

test('ignores control characters in cookies of other applications on the same host', async () => {
  const headers = { cookie: 'phpsession=O%3A1%3A%7Bs%3A4%3A%22%00%2A%00a%22%7D; tracklake-real.session-token=a' }
  expect(await (await fetch(`${origin}/overview`, { headers })).text()).toBe('reached')
})

test('a large call of the functions is accepted before the app has set its rules', async () => {
  const body = 'x'.repeat(1024 * 1024)
  const post = (path: string) => fetch(`${origin}${path}`, { method: 'POST', body })
  expect(await (await post('/api/inngest?fnId=a')).text()).toBe('reached')
  expect((await post('/api/setup')).status).toBe(413)
})

test('a request that expects to be told whether to send its body is checked too', async () => {
  const { port } = new URL(origin)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('POST /runs/%00 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
  const [response] = await once(socket, 'data')
  expect(String(response)).toMatch(/^HTTP\/1\.1 400/)
  socket.destroy()
})
