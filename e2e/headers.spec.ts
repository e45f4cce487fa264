import { expect, test } from './fixtures.ts'

/** Headers that every response has, no matter what writes it: a page, a route, Next itself or next-auth. */

const ADDRESSES: { address: string; status: number; method?: string }[] = [
  { address: '/', status: 200 },
  { address: '/nowhere', status: 404 },
  { address: '/nowhere.svg', status: 404 },
  { address: '/overview', status: 307 },
  { address: '/overview/', status: 308 },
  { address: '/%E0%A4%A', status: 404 },
  { address: '/api/me?id=%00', status: 400 },
  { address: '/favicon.svg', status: 200 },
  { address: '/_next/static/nowhere.js', status: 404 },
  { address: '/api/health', status: 200 },
  { address: '/api/me', status: 401 },
  { address: '/api/nowhere', status: 404 },
  { address: '/api/health', method: 'PATCH', status: 405 },
  { address: '/api/auth/csrf', status: 200 },
  { address: '/api/auth/session', status: 404 },
  { address: '/api/auth/signin', status: 302 },
  { address: '/api/auth/signout', status: 302 },
  { address: '/api/auth/signout/x.svg', status: 302 },
  { address: '/api/inngest', status: 401 },
  // There is no function with that name.
  { address: '/api/inngest?fnId=none&stepId=step', method: 'POST', status: 401 },
  { address: '/metrics', status: 404 },
]

for (const { address, method = 'GET', status } of ADDRESSES) {
  test(`${method} ${address} (${status}) has the security headers`, async ({ request }) => {
    const response = await request.fetch(address, { method, maxRedirects: 0 })
    const headers = response.headers()
    expect([response.status(), headers]).toEqual([
      status,
      expect.objectContaining({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      }),
    ])
    // This instance has no https, and a browser would remember the header.
    expect(headers).not.toHaveProperty('strict-transport-security')
  })
}

test('every page has one Content Security Policy, with the nonce of its scripts', async ({ page }) => {
  for (const address of ['/', '/nowhere', '/nowhere.svg', '/sign-out']) {
    const response = await page.goto(address)
    const policies = (await response?.headersArray())?.filter(({ name }) => name === 'content-security-policy')
    expect([address, policies]).toEqual([address, [{ name: 'content-security-policy', value: expect.any(String) }]])
    expect(policies?.[0]?.value).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/)
  }
})

test('unknown addresses of the API respond with JSON', async ({ request }) => {
  for (const address of ['/api/nowhere', '/api/runs/a/b/c', '/api/auth/session']) {
    const response = await request.get(address)
    expect(await response.json()).toMatchObject({ error: { code: 'not-found' } })
  }
})

test('next-auth shows none of its own pages', async ({ page }) => {
  await page.goto('/api/auth/signout')
  await expect(page).toHaveURL('/sign-out')
  await expect(page.getByRole('heading', { name: 'You’re signed out' })).toBeVisible()
  await page.goto('/api/auth/signin')
  await expect(page.getByRole('heading', { name: 'Sign in', exact: true })).toBeVisible()
})

test('the page for signing out asks, and ends the session', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-23')
  await page.goto('/sign-out')
  await expect(page.getByText('You’re signed in as Load 23 in this browser.')).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'You’re signed out' })).toBeVisible()
  expect((await page.request.get('/api/me')).status()).toBe(401)
})
