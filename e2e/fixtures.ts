import { type APIRequestContext, type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { signIn } from './sign-in.ts'

/** Part of /api/me. */
const Me = z.object({ name: z.string(), lastRun: z.object({ id: z.string() }).nullable() })

/** The names of ADMIN and RESIDENT, whose runs several tests share. */
const SHARED = ['Juniper', 'Load 1']

interface Fixtures {
  /** A separate browser with a signed-in listener. */
  pageOf: (listener: string) => Promise<Page>
  /** The same with the first sync canceled: for tests that need nothing of what it fetches. */
  idlePageOf: (listener: string) => Promise<Page>
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

/** Cancels the sync of the signed-in listener, if there is one: what it still has to fetch only slows other tests down. */
export async function cancelRun(request: APIRequestContext): Promise<void> {
  const me = await request.get('/api/me')
  if (me.status() === 401) return
  const { name, lastRun } = Me.parse(await me.json())
  if (lastRun && !SHARED.includes(name)) await request.post(`/api/runs/${lastRun.id}/cancel`)
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
    await cancelRun(context.request)
  },
  emptyPage: async ({ browser, browserErrors }, use) => {
    const contexts: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext()
      contexts.push(context)
      recordErrors(context, browserErrors)
      return context.newPage()
    })
    for (const context of contexts) {
      await cancelRun(context.request)
      await context.close()
    }
  },
  pageOf: async ({ emptyPage }, use) => {
    await use(async (listener) => {
      const page = await emptyPage()
      expect(await signIn(page.request, listener)).toBe('/overview')
      return page
    })
  },
  idlePageOf: async ({ pageOf }, use) => {
    await use(async (listener) => {
      const page = await pageOf(listener)
      await cancelRun(page.request)
      return page
    })
  },
})

export { expect } from '@playwright/test'
