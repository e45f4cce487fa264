import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'

/** What the preload of the web process adds. e2e/headers.spec.ts tests it on every kind of address. */

const SERVER = `
  require('node:http').createServer((request, response) => {
    if (request.url === '/own') response.setHeader('content-security-policy', "default-src 'self'")
    if (request.url === '/head') response.writeHead(404, { 'referrer-policy': 'no-referrer' })
    response.end('text')
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

/** The headers of a server that was started with APP_URL. */
async function headersOf(appUrl: string, path = '/'): Promise<Headers> {
  const child = spawn(process.execPath, ['--import', './scripts/security-headers.mjs', '-e', SERVER], {
    env: { ...process.env, APP_URL: appUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = await once(child.stdout, 'data')
    return (await fetch(`http://127.0.0.1:${String(port).trim()}${path}`)).headers
  } finally {
    child.kill()
  }
}

describe('a response of the web process', () => {
  test('tells browsers to stay on https if APP_URL is https, and only then', async () => {
    expect((await headersOf('https://tracklake.example')).get('strict-transport-security')).toBe('max-age=31536000')
    expect((await headersOf('http://127.0.0.1:3000')).get('strict-transport-security')).toBeNull()
  })

  test('can’t be framed, sniffed or run scripts', async () => {
    expect(Object.fromEntries(await headersOf('http://127.0.0.1:3000'))).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
  })

  test('keeps what it sets itself', async () => {
    expect((await headersOf('http://127.0.0.1:3000', '/own')).get('content-security-policy')).toBe("default-src 'self'")
    const headers = await headersOf('http://127.0.0.1:3000', '/head')
    expect([headers.get('referrer-policy'), headers.get('x-content-type-options')]).toEqual(['no-referrer', 'nosniff'])
  })
})
