import type { Page } from '@playwright/test'
import { open, PAGES } from './every-page.ts'
import { expect, test } from './fixtures.ts'
import { openConsentPage } from './pages.ts'
import { configureSpotify, requestCounts } from './simulator.ts'

/** What changes or counts the whole world, and so happens when nothing else does. */

test.describe.configure({ mode: 'default' })

const MAX_CALLS = 2

/** The data calls that a page makes from now on. */
function recordCalls(page: Page): string[] {
  const calls: string[] = []
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (pathname.startsWith('/api/')) calls.push(`${request.method()} ${pathname}${search}`)
  })
  return calls
}

test('no page needs more than two data calls, and none asks Spotify', async ({ pageOf, emptyPage }) => {
  for (const one of PAGES) {
    const page = await (one.as ? pageOf(one.as) : emptyPage())
    const calls = recordCalls(page)
    await test.step(one.address, async () => {
      // A run that the plan begins meanwhile asks Spotify too: then it is counted again.
      await expect(async () => {
        calls.length = 0
        const before = await requestCounts()
        await open(page, one)
        expect(await requestCounts()).toEqual(before)
      }).toPass({ timeout: 30_000 })
      expect.soft(calls.length, `${one.address} asks ${calls.join(', ')}`).toBeLessThanOrEqual(MAX_CALLS)
    })
  }
})

test('a client secret that Spotify does not accept has its page with a remedy', async ({ page }) => {
  await configureSpotify({ conditions: { wrongSecret: true } })
  try {
    await openConsentPage(page)
    await page.getByRole('button', { name: 'Agree' }).click()
    await expect(page).toHaveURL('/sign-in?problem=wrong-secret')
    await expect(page.getByRole('heading', { name: 'Spotify does not accept this app’s client secret' })).toBeVisible()
    await expect(page.getByRole('main')).toContainText('The operator enters the current secret on /setup')
  } finally {
    await configureSpotify({ conditions: { wrongSecret: false } })
  }
})
