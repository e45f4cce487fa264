import { type APIRequestContext, type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { signIn } from './sign-in.ts'

const Me = z.object({ name: z.string(), lastRun: z.object({ id: z.string() }).nullable() })

/** The names of ADMIN and RESIDENT, whose runs several tests share. */
const SHARED = ['Juniper', 'Load 1']

interface Fixtures {
  /** A browser of their own for a listener who is signed in. */
  pageOf: (listener: string) => Promise<Page>
  /** The same, and their first run is cancelled: for tests that need nothing of what it fetches. */
  idlePageOf: (listener: string) => Promise<Page>
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

/** Cancels the run of whoever is signed in, if anybody is: what it still has to fetch only slows other tests down. */
export async function cancelRun(request: APIRequestContext): Promise<void> {
  const me = await request.get('/api/me')
  if (me.status() === 401) return
  const { name, lastRun } = Me.parse(await me.json())
  if (lastRun && !SHARED.includes(name)) await request.post(`/api/runs/${lastRun.id}/cancel`)
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
    await cancelRun(context.request)
  },
  emptyPage: async ({ browser, complaints }, use) => {
    const contexts: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext()
      contexts.push(context)
      listen(context, complaints)
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
