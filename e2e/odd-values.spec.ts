import type { Page } from '@playwright/test'
import { readRules } from './authorisation-table.ts'
import { expect, test } from './fixtures.ts'
import { ORIGIN } from './instance.ts'
import { ADMIN, signIn } from './sign-in.ts'
import { configureSpotify } from './simulator.ts'

const accountMenu = (page: Page) => page.getByRole('button', { name: /^Account menu/ }).filter({ visible: true })

test('a listener with an odd profile can sign in and is shown with an initial', async ({
  emptyPage,
  browserErrors,
}) => {
  const me = {
    id: 'load-70',
    account_id: '',
    display_name: 'Odd \0 name',
    // Profiles that came from Facebook have pictures on a host that the Content Security Policy doesn't allow.
    images: [{ url: null }, { url: 'https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=1' }],
  }
  const fault = { kind: 'body' as const, body: JSON.stringify(me) }
  await configureSpotify({ faults: [{ match: { path: '^/v1/me$', listener: 'load-70' }, fault }] })
  const page = await emptyPage()
  expect(await signIn(page.request, 'load-70')).toBe('/overview')
  await page.goto('/overview')
  await expect(accountMenu(page)).toHaveAccessibleName('Account menu for Odd name')
  await expect(accountMenu(page)).toHaveText('O')
  await expect(accountMenu(page).locator('img')).toHaveCount(0)
  // The browser says that it blocked the picture, and nothing else is wrong.
  expect(browserErrors.splice(0).filter((text) => !/fbsbx\.com/.test(text))).toEqual([])
})

test('every page, route and form refuses control characters in addresses, cookies and fields', async ({ pageOf }) => {
  const { request } = await pageOf(ADMIN)
  const session = (await request.storageState()).cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const statusOf = async (path: string, init: RequestInit = {}) =>
    (await fetch(`${ORIGIN}${path}`, { redirect: 'manual', ...init })).status
  const addresses = new Set(readRules().map(({ path }) => path.replaceAll(/\[\.*(\w+)\]/g, 'a%00b')))
  const senders: Record<string, string>[] = [{}, { cookie: session }]
  for (const address of [...addresses, '/nowhere', '/api/nothing', '/_next/image', '/api/auth/callback/spotify']) {
    for (const headers of senders) {
      const names = ['cursor', 'problem', 'invite', 'range', 'ids', 'names', 'code', 'state', 'callbackUrl']
      for (const name of names)
        expect([address, name, await statusOf(`${address}?${name}=a%00b`, { headers })]).toEqual([address, name, 400])
      expect([address, await statusOf(`${address}?x%1f=1`, { headers })]).toEqual([address, 400])
    }
    const headers = { cookie: session.replaceAll('=', '=%00') }
    expect([address, 'cookie', await statusOf(address, { headers })]).toEqual([address, 'cookie', 400])
  }
  for (const action of ['signin/spotify', 'signout', 'callback/spotify']) {
    for (const name of ['csrfToken', 'callbackUrl', 'app', 'invite']) {
      const form = { method: 'POST', body: new URLSearchParams({ [name]: 'a\0b' }) }
      expect([action, name, await statusOf(`/api/auth/${action}`, form)]).toEqual([action, name, 400])
    }
  }
})
