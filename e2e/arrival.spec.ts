import { nameOf, open, PAGES } from './every-page.ts'
import { expect, test } from './fixtures.ts'
import { RESIDENT } from './sign-in.ts'

/** How pages arrive: with their data, without jumping, and with small responses. */

declare global {
  interface Window {
    layoutShift: number
  }
}

const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } }
/** Above this, Google's Web Vitals no longer call a page stable. */
const MAX_LAYOUT_SHIFT = 0.1

for (const one of PAGES) {
  test(`${nameOf(one)} does not jump while it loads`, async ({ pageOf, emptyPage }) => {
    const page = await (one.as ? pageOf(one.as) : emptyPage())
    await page.addInitScript(() => {
      window.layoutShift = 0
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
          if (!entry.hadRecentInput) window.layoutShift += entry.value
        }
      }).observe({ type: 'layout-shift', buffered: true })
    })
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport)
      await open(page, one)
      expect(await page.evaluate(() => window.layoutShift), size).toBeLessThanOrEqual(MAX_LAYOUT_SHIFT)
    }
  })
}

for (const one of PAGES.filter(({ as, isPublic }) => as !== undefined && !isPublic)) {
  test(`${one.address} arrives with its data, and prefetches no other page`, async ({ pageOf }) => {
    const page = await pageOf(one.as ?? '')
    await open(page, one)
    const requests: string[] = []
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url())
      if (pathname.startsWith('/api/') || searchParams.has('_rsc')) requests.push(pathname)
    })
    const response = page.waitForResponse((candidate) => candidate.request().isNavigationRequest())
    await page.reload({ waitUntil: 'networkidle' })
    expect(await (await response).text()).toContain(one.heading)
    expect(requests).toEqual([])
  })
}

test('JSON is compressed', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  const response = await page.request.get('/api/charts?names=top-tracks&range=short', {
    headers: { 'accept-encoding': 'gzip' },
  })
  expect(response.headers()['content-encoding']).toBe('gzip')
})
