import { z } from 'zod'
import { backdateReads } from './database.ts'
import { expect, test } from './fixtures.ts'
import { expectSameDocument, markDocument, newestRun, panel, sidebar } from './pages.ts'
import { ADMIN, RESIDENT } from './sign-in.ts'
import { configureSpotify } from './simulator.ts'

const Run = z.object({ id: z.string() })
const Runs = z.object({ runs: z.array(Run) })

test('"Sync now" shows the run at once and updates it without a reload', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await backdateReads('Load 1', 11)
  await page.goto('/runs')
  await markDocument(page)
  await page.getByRole('button', { name: 'Sync now' }).click()
  const run = newestRun(page)
  await expect(run.getByRole('link', { name: 'Started by Load 1' })).toBeVisible()
  await expect(run).toContainText(/nothing new|succeeded|incomplete/, { timeout: 60_000 })
  await expectSameDocument(page)
  await run.getByRole('button', { name: 'Re-run' }).click()
  await expect(newestRun(page).getByRole('link', { name: 'Re-run by Load 1' })).toBeVisible()
  await expectSameDocument(page)
})

test('skips what was just synced, except by its own button', async ({ idlePageOf }) => {
  const stream = 'user_followed_artists_stream'
  const title = 'Followed artists'
  const page = await idlePageOf('load-32')
  // The first sync may have just read it.
  await backdateReads('Load 32', 11)
  const response = await page.request.post('/api/runs', { data: { streams: [stream] } })
  expect(response.status()).toBe(202)
  await page.goto(`/runs/${Run.parse(await response.json()).id}`)
  const streams = panel(page, 'Progress')
  await expect(streams.getByText(/^(nothing new|succeeded)$/)).toBeVisible({ timeout: 60_000 })

  await page.getByRole('button', { name: `Full re-sync: ${title}` }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'Load 32 (re-run)' })).toBeVisible()
  await expect(streams).toContainText('full re-sync')
  await expect(streams.getByText('succeeded')).toBeVisible({ timeout: 60_000 })

  await page.getByRole('link', { name: 'an earlier sync' }).click()
  // The page of the earlier sync has the same buttons.
  await expect(streams).not.toContainText('full re-sync')
  await page.getByRole('button', { name: `Re-run: ${title}` }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'Load 32 (re-run)' })).toBeVisible()
  await expect(streams.getByText('nothing new')).toBeVisible({ timeout: 60_000 })
  await expect(streams).not.toContainText('full re-sync')

  const tooSoon = await page.request.post('/api/runs', { data: { streams: [stream] } })
  expect(tooSoon.status()).toBe(409)
  expect(await tooSoon.json()).toMatchObject({ error: { code: 'read-lately' } })
  await page.goto('/runs')
  await page.getByRole('button', { name: 'Sync now' }).click()
  await expect(page.getByRole('alert').filter({ hasText: `minutes: ${title}` })).toBeVisible()
})

test('an admin sees all runs and re-runs one of another listener', async ({ pageOf, idlePageOf }) => {
  const listener = 'load-31'
  const theirs = await idlePageOf(listener)

  const page = await pageOf(ADMIN)
  await page.goto('/admin')
  await page.getByRole('combobox', { name: 'Listener' }).selectOption({ label: 'Load 31' })
  await expect(page).toHaveURL(/\/admin\?listener=/)
  await expect(newestRun(page)).toContainText('canceled')
  // With one request unanswered the sync cannot end before it is canceled. Requests of the canceled one may still follow.
  const fault = { kind: 'time-out' as const }
  const match = { path: '^/v1/me/following', listener }
  await configureSpotify({ faults: [{ match, times: 1_000_000, fault }] })
  await newestRun(page).getByRole('button', { name: 'Re-run' }).click()
  await expect(newestRun(page).getByRole('link', { name: 'Re-run by Juniper' })).toBeVisible()

  await theirs.goto('/runs')
  await expect(newestRun(theirs).getByRole('link', { name: 'Re-run by Juniper' })).toBeVisible()
  await newestRun(theirs).getByRole('button', { name: 'Cancel' }).click()
  await expect(newestRun(theirs)).toContainText('canceled')
})

test('other listeners find neither the admin page nor other people’s runs', async ({ pageOf }) => {
  const admin = await pageOf(ADMIN)
  const { runs } = Runs.parse(await (await admin.request.get('/api/runs')).json())
  const page = await pageOf(RESIDENT)
  await page.goto('/overview')
  await expect(sidebar(page).getByRole('link', { name: 'Sync' })).toBeVisible()
  await expect(sidebar(page).getByRole('link', { name: 'Admin' })).toBeHidden()
  expect((await page.goto('/admin'))?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible()
  const run = runs[0]?.id
  expect((await page.goto(`/runs/${run}`))?.status()).toBe(404)
  for (const address of ['/api/admin/runs', '/api/admin/listeners', '/api/admin/overview', `/api/runs/${run}`])
    expect((await page.request.get(address)).status(), address).toBe(404)
})

test('the page of a sync shows each stream and copies a bug report', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('/runs')
  await newestRun(page).getByRole('link').first().click()
  await expect(panel(page, 'Progress').getByRole('heading', { name: 'Top songs, 4 weeks' })).toBeVisible()
  await page.getByRole('button', { name: 'Copy for a bug report' }).click()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('user_top_tracks_st_stream')
})
