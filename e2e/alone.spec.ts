import type { Page } from '@playwright/test'
import { z } from 'zod'
import { holdStream } from './database.ts'
import { open, PAGES } from './every-page.ts'
import { expect, test } from './fixtures.ts'
import { openConsentPage, panel } from './pages.ts'
import { configureSpotify, requestCounts } from './simulator.ts'

/** Tests that change or count something global, so they run alone. */

test.describe.configure({ mode: 'default' })

const MAX_CALLS = 2

const Run = z.object({ id: z.string() })

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
  test.setTimeout(400_000)
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
      }).toPass({ timeout: 90_000 })
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

test('a stream that failed is shown and can be re-run while the rest of its sync waits', async ({ idlePageOf }) => {
  const [waits, fails] = ['user_followed_artists_stream', 'user_top_tracks_st_stream']
  const title = 'Top songs, 4 weeks'
  const listener = 'load-34'
  const page = await idlePageOf(listener)
  // Unlimited: a refused page is tried again in a smaller size, and requests of the canceled sync may follow.
  const times = 1_000_000
  await configureSpotify({
    faults: [
      { match: { path: '^/v1/me/following', listener }, times, fault: { kind: 'time-out' } },
      { match: { path: '^/v1/me/top/tracks', listener }, times, fault: { kind: 'status', status: 400 } },
    ],
  })
  const response = await page.request.post('/api/runs', { data: { streams: [waits, fails] } })
  const { id } = Run.parse(await response.json())
  await page.goto(`/runs/${id}`)
  const streams = panel(page, 'Progress').getByRole('listitem')
  const failed = streams.filter({ has: page.getByRole('heading', { name: title }) })
  await expect(failed).toContainText('Spotify refused the request (400')
  await holdStream('Load 34', waits)
  // The end of any work notices what ended in runs that wait.
  await page.request.post('/api/runs', { data: { streams: ['user_saved_albums_stream'] } })
  await expect(page.getByText(`${title} could not be synced.`)).toBeVisible({ timeout: 60_000 })

  await page.goto('/runs')
  const old = page
    .getByRole('main')
    .locator('ol > li')
    .filter({ has: page.locator(`a[href="/runs/${id}"]`) })
  await expect(old).toContainText('Spotify refused the request (400')
  await expect(old.getByRole('button', { name: 'Re-run failed' })).toBeVisible()
  await page.goto(`/runs/${id}`)
  await expect(page.getByRole('button', { name: 'Re-run failed' })).toBeVisible()
  await configureSpotify({ clearFaults: true })
  await page.getByRole('button', { name: `Re-run: ${title}` }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'Load 34 (re-run)' })).toBeVisible()
  await expect(failed).toContainText(/succeeded|nothing new/, { timeout: 60_000 })
  await expect(page.getByText(`${title} could not be synced.`)).toBeHidden()

  await page.getByRole('link', { name: 'an earlier sync' }).click()
  await expect(failed).toContainText('A later sync has read it.')
  await expect(page.getByRole('button', { name: 'Re-run failed' })).toBeHidden()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'canceled' })).toBeVisible()
})
