import { NextRequest } from 'next/server'
import { describe, expect, test } from 'vitest'
import { config, proxy } from './proxy.ts'

/** Reads the headers that the proxy passes on to the page. */
function forwardedHeaders(path: string, headers: Record<string, string>, method = 'GET') {
  const response = proxy(new NextRequest(`http://127.0.0.1:3000${path}`, { headers, method }))
  return (name: string) => response.headers.get(`x-middleware-request-${name}`)
}

const policyOf = (host: string) =>
  proxy(new NextRequest(`http://${host}/`, { headers: { host } })).headers.get('content-security-policy') ?? ''

test.for([
  ['/', true],
  ['/top/tracks', true],
  ['/nowhere.svg', true],
  ['/apidocs', true],
  ['/api/inngest', false],
  ['/api/auth/signout/x.svg', false],
  ['/api/nowhere', false],
  ['/_next/static/chunks/main.js', false],
  ['/metrics', false],
] as const)('handles pages, and no body of the API: %s', ([path, handled]) => {
  const [pattern = ''] = config.matcher
  // Next compiles the pattern with path-to-regexp, which leaves a group as it is.
  expect(new RegExp(`^${pattern}$`).test(path)).toBe(handled)
})

describe('the canonical host', () => {
  test('redirects localhost to 127.0.0.1, with port and query', () => {
    const header = forwardedHeaders('/top/tracks?range=long', { host: 'localhost:3000' })
    expect(header('x-canonical-address')).toBe('http://127.0.0.1:3000/top/tracks?range=long')
  })

  test.for([
    ['127.0.0.1 itself', '/', { host: '127.0.0.1:3000' }, 'GET'],
    ['a form submission', '/', { host: 'localhost:3000' }, 'POST'],
    ['a host with the same prefix', '/', { host: 'localhost.example' }, 'GET'],
    ['a forged header', '/', { host: '127.0.0.1:3000', 'x-canonical-address': 'http://elsewhere.example' }, 'GET'],
  ] as const)('does not redirect %s', ([, path, headers, method]) => {
    expect(forwardedHeaders(path, headers, method)('x-canonical-address')).toBeNull()
  })
})

describe('the Content Security Policy', () => {
  test('carries the nonce of the page’s scripts, new for each response', () => {
    const header = forwardedHeaders('/', { host: '127.0.0.1:3000' })
    expect(header('content-security-policy')).toContain(`'nonce-${header('x-nonce')}'`)
    expect(policyOf('127.0.0.1:3000')).not.toBe(policyOf('127.0.0.1:3000'))
  })

  test('requires the nonce for scripts, and forbids framing and a changed base', () => {
    const policy = policyOf('127.0.0.1:3000')
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/)
    expect(policy).not.toContain('unsafe-eval')
    expect(policy).toContain("base-uri 'none'; frame-ancestors 'none'")
  })

  test('lets the sign-in form redirect to the accounts service', () => {
    expect(policyOf('127.0.0.1:3000')).toContain("form-action 'self' https://accounts.spotify.com")
  })
})
