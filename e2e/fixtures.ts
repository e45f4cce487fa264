import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { ADMIN, RESIDENT, signIn } from './sign-in.ts'

/** Part of /api/me, which signed-out or deleted listeners don't have. */
const Me = z.object({ lastRun: z.object({ id: z.string() }).nullish() })

interface Fixtures {
  /** A separate browser with a signed-in listener. */
  pageOf: (listener: string) => Promise<Page>
  /** A separate, empty browser. */
  emptyPage: () => Promise<Page>
  /** Errors from all browsers of the test; the test fails if there are any. */
  browserErrors: string[]
}

// Some tests provoke error responses, which browsers log.
const EXPECTED = /^Failed to load resource: the server responded with a status of 4\d\d/

/** Records CSP violations, uncaught errors and hydration mismatches. */
function recordErrors(context: BrowserContext, browserErrors: string[]): void {
  context.on('weberror', (problem) => browserErrors.push(String(problem.error())))
  context.on('console', (message) => {
    const text = message.text()
    const isError = message.type() === 'error' || /content.security.policy|hydrat/i.test(text)
    if (isError && !EXPECTED.test(text)) browserErrors.push(`${message.location().url}: ${text}`)
  })
}

export const test = base.extend<Fixtures>({
  browserErrors: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needed fixtures from the pattern
    async ({}, use) => {
      const browserErrors: string[] = []
      await use(browserErrors)
      expect(browserErrors, 'errors in the browser').toEqual([])
    },
    { auto: true },
  ],
  context: async ({ context, browserErrors }, use) => {
    recordErrors(context, browserErrors)
    await use(context)
  },
  emptyPage: async ({ browser, browserErrors }, use) => {
    const contexts: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext()
      contexts.push(context)
      recordErrors(context, browserErrors)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
  },
  pageOf: async ({ emptyPage }, use) => {
    const visitors: Page[] = []
    await use(async (listener) => {
      const page = await emptyPage()
      expect(await signIn(page.request, listener)).toBe('/overview')
      if (listener !== ADMIN && listener !== RESIDENT) visitors.push(page)
      return page
    })
    // Unfinished first syncs would slow down the next tests.
    for (const { request } of visitors) {
      const { lastRun } = Me.parse(await (await request.get('/api/me')).json())
      if (lastRun) await request.post(`/api/runs/${lastRun.id}/cancel`)
    }
  },
})

export { expect } from '@playwright/test'
