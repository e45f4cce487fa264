import type { Page } from '@playwright/test'
import { open, PAGES } from './every-page.ts'
import { expect, test } from './fixtures.ts'
import { openConsentPage } from './pages.ts'
import { configureSpotify, requestCounts } from './simulator.ts'

/** Tests that change or count something global, so they run alone. */

test.describe.configure({ mode: 'default' })

const MAX_CALLS = 2

/** Records the API calls of a page from now on. */
function recordCalls(page: Page): string[] {
  const calls: string[] = []
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (pathname.startsWith('/api/')) calls.push(`${request.method()} ${pathname}${search}`)
  })
  return calls
}

test('no page makes more than two API calls, and none causes a request to Spotify', async ({ pageOf, emptyPage }) => {
  for (const one of PAGES) {
    const page = await (one.as ? pageOf(one.as) : emptyPage())
    const calls = recordCalls(page)
    await test.step(one.address, async () => {
      // A scheduled sync may start meanwhile and make requests too; then the page is opened again.
      await expect(async () => {
        calls.length = 0
        const before = await requestCounts()
        await open(page, one)
        expect(await requestCounts()).toEqual(before)
      }).toPass({ timeout: 30_000 })
      expect.soft(calls.length, `${one.address} calls ${calls.join(', ')}`).toBeLessThanOrEqual(MAX_CALLS)
    })
  }
})

test('explains a client secret that Spotify rejects, with a remedy', async ({ page }) => {
  await configureSpotify({ conditions: { wrongSecret: true } })
  try {
    await openConsentPage(page)
    await page.getByRole('button', { name: 'Agree' }).click()
    await expect(page).toHaveURL('/sign-in?problem=wrong-secret')
    await expect(page.getByRole('heading', { name: 'Spotify rejects this app’s client secret' })).toBeVisible()
    await expect(page.getByRole('main')).toContainText('Ask the operator to enter the current secret on /setup')
  } finally {
    await configureSpotify({ conditions: { wrongSecret: false } })
  }
})
