import { NextRequest } from 'next/server'
import { describe, expect, test } from 'vitest'
import { proxy } from './proxy.ts'

/** What the page behind the proxy gets to read. */
function asked(path: string, headers: Record<string, string>, method = 'GET') {
  const response = proxy(new NextRequest(`http://127.0.0.1:3000${path}`, { headers, method }))
  return (name: string) => response.headers.get(`x-middleware-request-${name}`)
}

const policyOf = (host: string) =>
  proxy(new NextRequest(`http://${host}/`, { headers: { host } })).headers.get('content-security-policy') ?? ''

describe('the canonical host', () => {
  test('a visitor of localhost is sent to the loopback literal, with port and query', () => {
    const header = asked('/top/tracks?range=long', { host: 'localhost:3000' })
    expect(header('x-canonical-address')).toBe('http://127.0.0.1:3000/top/tracks?range=long')
  })

  test.for([
    ['the loopback literal itself', '/', { host: '127.0.0.1:3000' }, 'GET'],
    ['an address of scripts', '/api/health', { host: 'localhost:3000' }, 'GET'],
    ['a form', '/', { host: 'localhost:3000' }, 'POST'],
    ['a host that only begins alike', '/', { host: 'localhost.example' }, 'GET'],
    ['a forged header', '/', { host: '127.0.0.1:3000', 'x-canonical-address': 'http://elsewhere.example' }, 'GET'],
  ] as const)('%s is left alone', ([, path, headers, method]) => {
    expect(asked(path, headers, method)('x-canonical-address')).toBeNull()
  })
})

describe('the Content Security Policy', () => {
  test('its nonce is the one that the page puts on its scripts, and another one each time', () => {
    const header = asked('/', { host: '127.0.0.1:3000' })
    expect(header('content-security-policy')).toContain(`'nonce-${header('x-nonce')}'`)
    expect(policyOf('127.0.0.1:3000')).not.toBe(policyOf('127.0.0.1:3000'))
  })

  test('scripts need the nonce; nothing may frame the page or change its base', () => {
    const policy = policyOf('127.0.0.1:3000')
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/)
    expect(policy).not.toContain('unsafe-eval')
    expect(policy).toContain("base-uri 'none'; frame-ancestors 'none'")
  })

  test('the form that signs in may be redirected to the accounts service', () => {
    expect(policyOf('127.0.0.1:3000')).toContain("form-action 'self' https://accounts.spotify.com")
  })
})
