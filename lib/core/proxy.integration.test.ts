import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSettings } from './config.ts'
import { proxyVariables } from './proxy.ts'

/** A real proxy, which asks for a password and connects every request to one server on this machine, whatever its name. */
let proxy: Server
let target: Server
/** What the proxy was asked to connect to. */
let requested: string[]
let received: string[]
let address: string

beforeEach(async () => {
  requested = []
  received = []
  target = createServer((request, response) => {
    received.push(`${request.method} ${request.headers.host}${request.url}`)
    response.end('{"id":"spotify"}')
  })
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  const { port } = target.address() as AddressInfo
  proxy = createServer((_, response) => response.writeHead(405).end())
  proxy.on('connect', (request, client, head) => {
    requested.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    if (!request.headers['proxy-authorization']) return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      server.write(head)
      server.pipe(client).pipe(server)
    })
    for (const side of [client, server]) side.on('error', () => undefined)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
})

afterEach(() => {
  for (const server of [proxy, target]) {
    server.closeAllConnections()
    server.close()
  }
})

const LOGIN = `Basic ${Buffer.from('ada:pa#ss').toString('base64')}`

/** Runs a script as the web process, whose fetch takes its proxies from the environment when it starts. */
async function run(script: string, settings: Record<string, string>): Promise<string> {
  const values = { NODE_ENV: 'test', ...settings }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: { NODE_ENV: 'test', PATH: process.env.PATH, ...proxyVariables(readSettings(values)) },
  })
  return stdout.trim()
}

const READ = `
  const { getFromSpotify } = await import('./lib/spotify/client.ts')
  const request = { path: '/me', query: {}, token: 'token' }
  await getFromSpotify('http://api.spotify.example/v1', request).then(
    ({ body }) => console.log(body.id),
    ({ message, remedy }) => console.log(message + '. ' + remedy))`

test('reaches Spotify through a proxy whose address has no protocol or contains a password', async () => {
  expect(await run(READ, { HTTP_PROXY: `ada:pa%23ss@${address}` })).toBe('spotify')
  expect(requested).toEqual([`api.spotify.example:80 ${LOGIN}`])
  expect(received).toEqual(['GET api.spotify.example/v1/me'])
})

test.for(['http_proxy', 'ALL_PROXY', 'all_proxy'])('the proxy may be named by %s', async (name) => {
  expect(await run(READ, { [name]: `http://ada:pa%23ss@${address}` })).toBe('spotify')
})

test('names the proxy in errors, without its password', async () => {
  expect(await run(READ, { HTTP_PROXY: `http://${address}` })).toBe(
    `Spotify could not be reached. Check that the proxy ${address} (HTTP_PROXY) is reachable and lets requests to api.spotify.example through. Tracklake tries again.`,
  )
})

test('reaches this machine and hosts in NO_PROXY directly', async () => {
  const { port } = target.address() as AddressInfo
  const direct = `
    for (const url of ['http://127.0.0.1:${port}/', 'http://localhost:${port}/']) console.log((await fetch(url)).status)
    const { proxyFor } = await import('./lib/core/proxy.ts')
    console.log(proxyFor(new URL('http://a.internal.example/')) === undefined)`
  const output = await run(direct, { HTTP_PROXY: `http://${address}`, no_proxy: '.internal.example' })
  expect(output.split('\n').at(-1)).toBe('true')
  expect(output).toContain('200')
  expect(requested).toEqual([])
})

/** The listener's receiver has a name that resolves to one of our addresses only after it was checked. */
const POST = (hosts: string) => `
  const { post } = await import('./lib/channels/post.ts')
  const resolve = async () => [{ address: '192.0.2.7', family: 4 }]
  await post('https://hooks.example/secret', '{}', {}, { resolve, hosts: ${hosts} }).catch(({ message }) => console.log(message))`

test('sends a webhook through the proxy to the checked address instead of the name', async () => {
  const message = await run(POST('[]'), { HTTPS_PROXY: `http://ada:pa%23ss@${address}` })
  expect(requested).toEqual([`192.0.2.7:443 ${LOGIN}`])
  // The server behind this proxy doesn't speak TLS.
  expect(message).toMatch(/^The receiver cannot be reached through this installation’s proxy \(/)
})

test('a webhook of a kind with fixed hosts goes through the proxy by name', async () => {
  await run(POST(`['hooks.example']`), { HTTPS_PROXY: `http://ada:pa%23ss@${address}` })
  expect(requested).toEqual([`hooks.example:443 ${LOGIN}`])
})

test('uses the only proxy for https too', async () => {
  await run(POST(`['hooks.example']`), { HTTP_PROXY: `http://ada:pa%23ss@${address}` })
  await run(READ.replace('http://', 'https://'), { HTTP_PROXY: `http://ada:pa%23ss@${address}` })
  expect(requested).toEqual([`hooks.example:443 ${LOGIN}`, `api.spotify.example:443 ${LOGIN}`])
})
