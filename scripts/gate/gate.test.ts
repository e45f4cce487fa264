import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import type { BodyRule } from '#lib/core/request-gate.ts'
import { Gate, type GateLimits } from './gate.ts'

// Requests over real connections, written byte by byte.

const KB = 1024
const MB = 1024 * KB

const servers: Server[] = []
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A guarded server that responds with what it got. `requests` are those that reached it. */
async function serve(limits: Partial<GateLimits> = {}, rules: BodyRule[] = [], listener?: RequestListener) {
  const gate = new Gate({ lingerMs: 100, ...limits })
  gate.setRules(rules)
  const requests: string[] = []
  const server = createServer(gate.options())
  const respond: RequestListener = async (request, response) => {
    const body = await text(request).catch(() => 'aborted')
    response.end(`${request.method} ${request.url} ${body.length}`)
  }
  gate.guard(server, (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    return (listener ?? respond)(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  const { port } = server.address() as AddressInfo
  return { gate, server, port, requests }
}

/** A connection that sends `bytes`. `received` resolves with everything when the other end closes it. */
function send(port: number, bytes: string | Buffer = '') {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  if (bytes.length > 0) socket.write(bytes)
  let soFar = ''
  socket.setEncoding('utf8').on('data', (data: string) => {
    soFar += data
  })
  const received = new Promise<string>((done) => {
    socket.once('close', () => done(soFar))
  })
  return { socket, received, soFar: () => soFar }
}

const head = (line: string, ...headers: string[]) => [line, 'Host: x', ...headers, '', ''].join('\r\n')
const post = (path: string, ...headers: string[]) => head(`POST ${path} HTTP/1.1`, ...headers)
const chunk = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`
const LAST = 'Connection: close'
const CHUNKED = 'Transfer-Encoding: chunked'

const statusOf = (response: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1])
const errorOf = (response: string) => JSON.parse(response.split('\r\n\r\n', 2)[1] ?? '').error

test('passes a body within the limit completely, however it is split', async () => {
  const { port, requests } = await serve()
  const sized = send(port, post('/a', `Content-Length: ${64 * KB}`, LAST))
  for (let sent = 0; sent < 64; sent++) sized.socket.write('x'.repeat(KB))
  expect(await sized.received).toContain(`POST /a ${64 * KB}`)
  const chunked = send(port, post('/b', CHUNKED, LAST) + chunk(1) + chunk(40 * KB) + chunk(20 * KB) + chunk(0))
  expect(await chunked.received).toContain(`POST /b ${60 * KB + 1}`)
  expect(requests).toEqual(['POST /a', 'POST /b'])
})

test('refuses a declared length over the limit before reading the body', async () => {
  const { port, requests } = await serve()
  const { received } = send(port, post('/a', `Content-Length: ${70 * KB}`) + 'x'.repeat(70 * KB))
  const response = await received
  expect(statusOf(response)).toBe(413)
  expect(errorOf(response)).toEqual({
    code: 'too-large',
    message: 'The request is too large',
    remedy: 'Send at most 64 kB.',
  })
  expect(requests).toEqual([])
})

test('a sender that first sends everything still receives the refusal', async () => {
  const { port } = await serve({ lingerMs: 60_000 })
  const { socket, received } = send(port, post('/a', `Content-Length: ${9 * MB}`))
  socket.pause()
  for (let sent = 0; sent < 9; sent++) {
    if (!socket.write('x'.repeat(MB))) await once(socket, 'drain')
  }
  socket.resume()
  expect(statusOf(await received)).toBe(413)
})

test('refuses a chunked body as soon as it is too large', async () => {
  const { port, requests } = await serve()
  const { received } = send(port, post('/a', CHUNKED) + chunk(40 * KB) + chunk(40 * KB))
  expect(statusOf(await received)).toBe(413)
  expect(requests).toEqual([])
})

test('reads a refused body that never ends only for a while', async () => {
  const { port } = await serve()
  const { socket, received } = send(port, post('/a', `Content-Length: ${9 * MB}`))
  socket.write('x')
  expect(statusOf(await received)).toBe(413)
  const more = await serve({ lingerBytes: 100 * KB, lingerMs: 60_000 })
  const endless = send(more.port, post('/a', CHUNKED))
  const timer = setInterval(() => endless.socket.write(chunk(64 * KB)), 5)
  expect(statusOf(await endless.received)).toBe(413)
  clearInterval(timer)
})

test('receives a body in one-byte chunks without using more memory than its size', async () => {
  const { server, port, requests } = await serve({}, [], async (request, response) => {
    response.end(await text(request))
  })
  const ends = send(
    port,
    post('/a', CHUNKED, LAST) + [...'in order'].map((one) => `1\r\n${one}\r\n`).join('') + chunk(0),
  )
  expect(await ends.received).toContain('in order')
  const arrived: Socket[] = []
  server.on('connection', (socket: Socket) => arrived.push(socket))
  const bytes = post('/b', CHUNKED) + chunk(1).repeat(60 * KB)
  const before = process.memoryUsage().heapUsed
  for (let count = 0; count < 20; count++) send(port, bytes)
  await vi.waitFor(
    () => expect(arrived.map(({ bytesRead }) => bytesRead)).toEqual(Array(20).fill(bytes.length)),
    20_000,
  )
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(60 * MB)
  expect(requests).toEqual(['POST /a'])
})

test('refuses a body that arrives too slowly', async () => {
  const rule = { method: 'POST', path: '/api/things/[id]', maxBytes: 64 * KB, deadlineMs: 200 }
  const { port, requests } = await serve({}, [rule])
  const { socket, received } = send(port, post('/api/things/1', 'Content-Length: 1000'))
  const timer = setInterval(() => socket.write('x'), 20)
  const response = await received
  clearInterval(timer)
  expect(statusOf(response)).toBe(408)
  expect(errorOf(response).code).toBe('too-slow')
  expect(requests).toEqual([])
})

test('closes idle connections and slow headers at a deadline', async () => {
  const { port } = await serve({ headersMs: 300 })
  const silent = send(port)
  const slow = send(port)
  const timer = setInterval(() => slow.socket.write('G'), 100)
  const late = send(port, 'GET / HTTP/1.1\r\nHost: x\r\nA: ')
  expect(statusOf(await silent.received)).toBe(408)
  expect(statusOf(await late.received)).toBe(408)
  await slow.received
  clearInterval(timer)
})

test('closes a half-closed connection', async () => {
  const { port } = await serve()
  const { socket, received } = send(port, post('/a', 'Content-Length: 10'))
  socket.end('12345')
  await received
})

test('a rule allows a larger body only for its exact path', async () => {
  const rule = { method: 'POST', path: '/api/inngest', maxBytes: 5 * MB, deadlineMs: 5_000 }
  const { port } = await serve({}, [rule])
  const large = 'x'.repeat(4 * MB)
  const call = (path: string) => send(port, post(path, `Content-Length: ${large.length}`, LAST) + large).received
  expect(await call('/api/inngest?fnId=a')).toContain(`POST /api/inngest?fnId=a ${4 * MB}`)
  for (const path of ['/api/inngest/', '/api//inngest', '/API/inngest', '/api/%69nngest']) {
    expect(statusOf(await call(path)), path).toBe(413)
  }
})

test('limits large bodies in total and still passes small ones', async () => {
  const rule = { method: 'POST', path: '/large', maxBytes: 2 * MB, deadlineMs: 60_000 }
  const { port, requests } = await serve({ largeBodiesBytes: 3 * MB }, [rule])
  const first = send(port, post('/large', `Content-Length: ${2 * MB}`))
  const second = send(port, post('/large', `Content-Length: ${2 * MB}`))
  const response = await second.received
  expect(statusOf(response)).toBe(503)
  expect(response.toLowerCase()).toContain('retry-after: 5')
  expect(await send(port, `${post('/large', 'Content-Length: 1', LAST)}x`).received).toContain('POST /large 1')
  first.socket.destroy()
  const body = 'x'.repeat(2 * MB)
  await vi.waitFor(async () => {
    const again = send(port, post('/large', `Content-Length: ${body.length}`, LAST) + body)
    expect(await again.received).toContain(`POST /large ${2 * MB}`)
  })
  expect(requests).toHaveLength(2)
})

test('streams an upload, which must declare its length', async () => {
  const rule = { method: 'POST', path: '/upload', maxBytes: 500 * MB, deadlineMs: 60_000 }
  const { port, requests } = await serve({}, [rule])
  const { socket, received } = send(port, `${post('/upload', 'Content-Length: 10', LAST)}12345`)
  await vi.waitFor(() => expect(requests).toEqual(['POST /upload']))
  socket.write('67890')
  expect(await received).toContain('POST /upload 10')
  expect(statusOf(await send(port, post('/upload', CHUNKED) + chunk(1)).received)).toBe(411)
  expect(statusOf(await send(port, post('/upload', `Content-Length: ${501 * MB}`)).received)).toBe(413)
})

test('ends an upload that stalls', async () => {
  const rule = { method: 'POST', path: '/upload', maxBytes: 500 * MB, deadlineMs: 200 }
  const { port } = await serve({}, [rule])
  const { received } = send(port, `${post('/upload', 'Content-Length: 10')}12345`)
  await received
})

test('responds to Expect: 100-continue with 413 if the body is too large, otherwise with 100', async () => {
  const { port } = await serve()
  const expects = (length: number) => post('/a', `Content-Length: ${length}`, 'Expect: 100-continue', LAST)
  const { socket, received, soFar } = send(port, expects(3))
  await vi.waitFor(() => expect(soFar()).toContain('100 Continue'))
  socket.write('abc')
  expect(await received).toContain('POST /a 3')
  const large = await serve()
  expect(statusOf(await send(large.port, expects(70 * KB)).received)).toBe(413)
})

test('limits the body of a GET and reads the next request on the connection correctly', async () => {
  const { port, requests } = await serve()
  const body = head('GET /one HTTP/1.1', 'Content-Length: 3')
  const { received } = send(port, `${body}abc${head('GET /two HTTP/1.1', LAST)}`)
  const responses = await received
  expect(responses).toContain('GET /one 3')
  expect(responses).toContain('GET /two 0')
  expect(statusOf(await send(port, head('GET /three HTTP/1.1', `Content-Length: ${70 * KB}`)).received)).toBe(413)
  expect(requests).toEqual(['GET /one', 'GET /two'])
})

test('refuses a request with Content-Length and chunks, because servers disagree on where it ends', async () => {
  const { port, requests } = await serve()
  const { received } = send(port, post('/a', 'Content-Length: 3', CHUNKED) + chunk(1))
  expect(statusOf(await received)).toBe(400)
  expect(requests).toEqual([])
})

test('HTTP/1.0 works', async () => {
  const { port } = await serve()
  expect(await send(port, `${head('POST /a HTTP/1.0', 'Content-Length: 3')}abc`).received).toContain('POST /a 3')
})

test('responds to pipelined requests in order, up to a limit', async () => {
  const { port } = await serve()
  const three = ['/1', '/2'].map((path) => head(`GET ${path} HTTP/1.1`)).join('') + head('GET /3 HTTP/1.1', LAST)
  const responses = await send(port, three).received
  expect([...responses.matchAll(/GET (\/\d)/g)].map(([, path]) => path)).toEqual(['/1', '/2', '/3'])
  const never = await serve({}, [], () => undefined)
  await send(never.port, head('GET / HTTP/1.1').repeat(100)).received
  expect(never.requests.length).toBeLessThanOrEqual(16)
})

test('strangers queue up, but requests with a session or token and /api/health do not wait for them', async () => {
  const ends: (() => void)[] = []
  const slow: RequestListener = (_, response) =>
    new Promise<void>((done) => {
      ends.push(() => {
        response.end('done')
        done()
      })
    })
  const { port, requests } = await serve({ strangers: 2, waitMs: 60_000 }, [], slow)
  for (let count = 0; count < 4; count++) send(port, head('GET /a HTTP/1.1', LAST))
  await vi.waitFor(() => expect(requests).toEqual(['GET /a', 'GET /a']))
  send(port, head('GET /b HTTP/1.1', 'Cookie: tracklake-real.session-token=x', LAST))
  send(port, head('GET /c HTTP/1.1', 'Authorization: Bearer x', LAST))
  send(port, head('GET /api/health HTTP/1.1', LAST))
  await vi.waitFor(() => expect(requests).toHaveLength(5))
  expect(requests.filter((request) => request === 'GET /a')).toHaveLength(2)
  for (const end of ends.splice(0)) end()
  await vi.waitFor(() => expect(requests.filter((request) => request === 'GET /a')).toHaveLength(4))
})

test('responds with 503 after too long a wait, and skips abandoned requests', async () => {
  const { port, requests } = await serve({ strangers: 1, waitMs: 200 }, [], () => new Promise(() => undefined))
  send(port, head('GET /first HTTP/1.1'))
  await vi.waitFor(() => expect(requests).toEqual(['GET /first']))
  const left = send(port, head('GET /left HTTP/1.1'))
  left.socket.destroySoon()
  const waiting = send(port, head('GET /waiting HTTP/1.1'))
  const response = await waiting.received
  expect(statusOf(response)).toBe(503)
  expect(errorOf(response).code).toBe('busy')
  expect(requests).toEqual(['GET /first'])
})

test('ends a response that is not read at a deadline', async () => {
  const closed = new Promise<void>((done) => {
    void serve({ silentMs: 200 }, [], (request, response) => {
      request.socket.once('close', done)
      response.end(Buffer.alloc(50 * MB))
    }).then(({ port }) => send(port, head('GET / HTTP/1.1')).socket.pause())
  })
  await closed
})

test('a new connection replaces the one that has been idle longest', async () => {
  const { port } = await serve({ sockets: 3, headersMs: 60_000 })
  const silent = [send(port), send(port), send(port)]
  await Promise.all(silent.map(({ socket }) => once(socket, 'connect')))
  expect(await send(port, head('GET /owner HTTP/1.1', LAST)).received).toContain('GET /owner 0')
  await silent[0]?.received
  expect(silent.slice(1).map(({ socket }) => socket.destroyed)).toEqual([false, false])
})

test('a new connection replaces one that does not read its response', async () => {
  const { port, requests } = await serve({ sockets: 3 }, [], (request, response) => {
    response.end(request.url === '/large' ? Buffer.alloc(50 * MB) : 'small')
  })
  for (let count = 0; count < 3; count++) send(port, head('GET /large HTTP/1.1')).socket.pause()
  await vi.waitFor(() => expect(requests).toHaveLength(3))
  expect(await send(port, head('GET /owner HTTP/1.1', LAST)).received).toContain('small')
})

test('a request in progress keeps its connection when there are too many', async () => {
  let finish = () => {}
  const { port, requests } = await serve({ sockets: 2, headersMs: 60_000 }, [], (_, response) => {
    finish = () => response.end('done')
  })
  const working = send(port, head('GET / HTTP/1.1', LAST))
  await vi.waitFor(() => expect(requests).toHaveLength(1))
  const silent = [send(port), send(port), send(port)]
  await silent[0]?.received
  await silent[1]?.received
  finish()
  expect(await working.received).toContain('done')
})

test('tells the application who sent the request, without trusting forged headers', async () => {
  const visitors: unknown[] = []
  const { gate, port } = await serve({}, [], async (_, response) => {
    await new Promise(setImmediate)
    visitors.push(gate.visitor())
    response.end()
  })
  await send(port, head('GET / HTTP/1.1', LAST)).received
  await send(port, head('GET / HTTP/1.1', 'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-For: 10.0.0.1', LAST)).received
  await send(port, head('GET / HTTP/1.0')).received
  for (const header of [
    'Forwarded: for=a',
    'Via: 1.1 x',
    'X-Real-IP: a',
    'CF-Connecting-IP: a',
    'CF-Ray: a',
    'X-Forwarded-Host: a',
  ]) {
    await send(port, head('GET / HTTP/1.1', header, LAST)).received
  }
  const [direct, forwarded, ...others] = visitors
  expect(direct).toEqual({ address: '127.0.0.1', forwardedFor: '', isForwarded: false })
  expect(forwarded).toEqual({ address: '127.0.0.1', forwardedFor: '203.0.113.9, 10.0.0.1', isForwarded: true })
  expect(others).toEqual(others.map(() => expect.objectContaining({ isForwarded: true })))
  expect(others).toHaveLength(7)
  expect(gate.visitor()).toBeUndefined()
})
