import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { ADMIN, RESIDENT } from './sign-in.ts'

/** All pages, for tests of what holds on each of them. */

export interface PageUnderTest {
  address: string
  /** Whose browser opens it; nobody's when left out. */
  as?: string
  /** A heading that is there when the page is complete. */
  complete: string
}

export const PAGES: PageUnderTest[] = [
  { address: '/', complete: 'Keep your listening, in tables of your own.' },
  { address: '/sign-in', complete: 'Sign in' },
  { address: '/sign-in?problem=sign-ups-closed', complete: 'This installation takes no new listeners' },
  { address: '/sign-in?problem=something-else', complete: 'The sign-in did not succeed' },
  { address: '/setup', complete: 'In Spotify' },
  { address: '/privacy', complete: 'Privacy' },
  { address: '/terms', complete: 'Terms' },
  { address: '/erased', complete: 'Everything is deleted' },
  { address: '/nowhere', complete: 'There is nothing at this address' },
  { address: '/overview', as: RESIDENT, complete: 'Which songs do you play most?' },
  { address: '/top/tracks', as: RESIDENT, complete: 'How do your leading songs move?' },
  { address: '/top/artists?range=long', as: RESIDENT, complete: 'How do your leading artists move?' },
  { address: '/runs', as: RESIDENT, complete: 'Timeline' },
  { address: '/runs/newest', as: RESIDENT, complete: 'Streams' },
  { address: '/connections', as: RESIDENT, complete: 'Embedded DuckDB' },
  { address: '/connections/spotify-app', as: RESIDENT, complete: 'In Spotify' },
  { address: '/connections/snowflake', as: RESIDENT, complete: 'In Snowflake' },
  { address: '/settings', as: RESIDENT, complete: 'Schedules' },
  { address: '/admin', as: ADMIN, complete: 'Audit' },
  { address: '/admin/quota', as: ADMIN, complete: 'How Spotify counts' },
]

/** Opens a page and waits until it is complete and asks nothing more. */
export async function open(page: Page, { address, complete }: PageUnderTest): Promise<void> {
  await page.goto(address === '/runs/newest' ? await newestRun(page) : address)
  await expect(page.getByRole('heading', { name: complete }).first()).toBeVisible()
  await page.waitForLoadState('networkidle')
}

async function newestRun(page: Page): Promise<string> {
  const { runs } = z
    .object({ runs: z.array(z.object({ id: z.string() })) })
    .parse(await (await page.request.get('/api/runs?limit=1')).json())
  return `/runs/${runs[0]?.id}`
}
