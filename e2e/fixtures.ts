import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { ADMIN, RESIDENT, signIn } from './sign-in.ts'

/** Of /api/me; whoever signed out or is erased has none. */
const Me = z.object({ lastRun: z.object({ id: z.string() }).nullish() })

interface Fixtures {
  /** A browser of their own for a listener who is signed in. */
  pageOf: (listener: string) => Promise<Page>
  /** An empty browser of its own. */
  emptyPage: () => Promise<Page>
  /** What went wrong in any browser of the test; the test fails when there is something. */
  complaints: string[]
}

// An answer that is an error is what some tests ask for; the browser writes each of them down.
const EXPECTED = /^Failed to load resource: the server responded with a status of 4\d\d/

/** Writes down what pages complain about: content policy, uncaught errors, a server's HTML that the browser corrects. */
function listen(context: BrowserContext, complaints: string[]): void {
  context.on('weberror', (problem) => complaints.push(String(problem.error())))
  context.on('console', (message) => {
    const text = message.text()
    const isComplaint = message.type() === 'error' || /content.security.policy|hydrat/i.test(text)
    if (isComplaint && !EXPECTED.test(text)) complaints.push(`${message.location().url}: ${text}`)
  })
}

export const test = base.extend<Fixtures>({
  complaints: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are needed
    async ({}, use) => {
      const complaints: string[] = []
      await use(complaints)
      expect(complaints, 'complaints of the browser').toEqual([])
    },
    { auto: true },
  ],
  context: async ({ context, complaints }, use) => {
    listen(context, complaints)
    await use(context)
  },
  emptyPage: async ({ browser, complaints }, use) => {
    const contexts: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext()
      contexts.push(context)
      listen(context, complaints)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
  },
  pageOf: async ({ emptyPage }, use) => {
    const passersBy: Page[] = []
    await use(async (listener) => {
      const page = await emptyPage()
      expect(await signIn(page.request, listener)).toBe('/overview')
      if (listener !== ADMIN && listener !== RESIDENT) passersBy.push(page)
      return page
    })
    // What their first runs still have to fetch would only slow the next tests down.
    for (const { request } of passersBy) {
      const { lastRun } = Me.parse(await (await request.get('/api/me')).json())
      if (lastRun) await request.post(`/api/runs/${lastRun.id}/cancel`)
    }
  },
})

export { expect } from '@playwright/test'
