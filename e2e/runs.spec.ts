import { z } from 'zod'
import { readEarlier } from './database.ts'
import { expect, test } from './fixtures.ts'
import { expectSameDocument, markDocument, newestRun, panel, rail } from './pages.ts'
import { ADMIN, RESIDENT } from './sign-in.ts'
import { order } from './simulator.ts'

const Run = z.object({ id: z.string() })
const Runs = z.object({ runs: z.array(Run) })

test('"Run now" answers with the run at once, and the run grows without a reload', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await readEarlier('Load 1', 11)
  await page.goto('/runs')
  await markDocument(page)
  await page.getByRole('button', { name: 'Run now' }).click()
  const run = newestRun(page)
  await expect(run.getByRole('link', { name: 'Started by Load 1' })).toBeVisible()
  await expect(run).toContainText(/nothing new|succeeded|incomplete/, { timeout: 60_000 })
  await expectSameDocument(page)
  await run.getByRole('button', { name: 'Re-run' }).click()
  await expect(newestRun(page).getByRole('link', { name: 'Re-run by Load 1' })).toBeVisible()
  await expectSameDocument(page)
})

test('what was read a moment ago is not read again, except by its own button', async ({ idlePageOf }) => {
  const stream = 'user_followed_artists_stream'
  const title = 'Followed artists'
  const page = await idlePageOf('load-32')
  // The first run may have read it a moment ago.
  await readEarlier('Load 32', 11)
  const order = await page.request.post('/api/runs', { data: { streams: [stream] } })
  expect(order.status()).toBe(202)
  await page.goto(`/runs/${Run.parse(await order.json()).id}`)
  const streams = panel(page, 'Streams')
  await expect(streams.getByText(/^(nothing new|succeeded)$/)).toBeVisible({ timeout: 60_000 })

  await page.getByRole('button', { name: `Read whole: ${title}` }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'Re-run by Load 32' })).toBeVisible()
  await expect(streams).toContainText('read whole')
  await expect(streams.getByText('succeeded')).toBeVisible({ timeout: 60_000 })

  await page.getByRole('link', { name: 'an earlier run' }).click()
  // The page of the earlier run has the same buttons.
  await expect(streams).not.toContainText('read whole')
  await page.getByRole('button', { name: `Re-run: ${title}` }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'Re-run by Load 32' })).toBeVisible()
  await expect(streams.getByText('nothing new')).toBeVisible({ timeout: 60_000 })
  await expect(streams).not.toContainText('read whole')

  const lately = await page.request.post('/api/runs', { data: { streams: [stream] } })
  expect(lately.status()).toBe(409)
  expect(await lately.json()).toMatchObject({ error: { code: 'read-lately' } })
  await page.goto('/runs')
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('alert').filter({ hasText: `minutes: ${title}` })).toBeVisible()
})

test('the admin sees the runs of all and re-runs one of another listener', async ({ pageOf, idlePageOf }) => {
  const theirs = await idlePageOf('load-31')

  const page = await pageOf(ADMIN)
  await page.goto('/admin')
  await page.getByRole('combobox', { name: 'Listener' }).selectOption({ label: 'Load 31' })
  await expect(page).toHaveURL(/\/admin\?listener=/)
  await expect(newestRun(page)).toContainText('cancelled')
  // Without an answer to one request the run cannot end before it is cancelled.
  await order({ faults: [{ match: { path: '^/v1/me/following', listener: 'load-31' }, fault: { kind: 'time-out' } }] })
  await newestRun(page).getByRole('button', { name: 'Re-run' }).click()
  await expect(newestRun(page).getByRole('link', { name: 'Re-run by Juniper' })).toBeVisible()

  await theirs.goto('/runs')
  await expect(newestRun(theirs).getByRole('link', { name: 'Re-run by Juniper' })).toBeVisible()
  await newestRun(theirs).getByRole('button', { name: 'Cancel' }).click()
  await expect(newestRun(theirs)).toContainText('cancelled')
})

test('other listeners find neither the admin page nor runs that are not theirs', async ({ pageOf }) => {
  const admin = await pageOf(ADMIN)
  const { runs } = Runs.parse(await (await admin.request.get('/api/runs')).json())
  const page = await pageOf(RESIDENT)
  await page.goto('/overview')
  await expect(rail(page).getByRole('link', { name: 'Runs' })).toBeVisible()
  await expect(rail(page).getByRole('link', { name: 'Admin' })).toBeHidden()
  expect((await page.goto('/admin'))?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'There is nothing at this address' })).toBeVisible()
  const run = runs[0]?.id
  expect((await page.goto(`/runs/${run}`))?.status()).toBe(404)
  for (const address of ['/api/admin/runs', '/api/admin/listeners', '/api/admin/overview', `/api/runs/${run}`])
    expect((await page.request.get(address)).status(), address).toBe(404)
})

test('a run shows each stream, and its report can be copied', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('/runs')
  await newestRun(page).getByRole('link').first().click()
  await expect(panel(page, 'Streams').getByRole('heading', { name: 'Top tracks, 4 weeks' })).toBeVisible()
  await page.getByRole('button', { name: 'Copy for a bug report' }).click()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('user_top_tracks_st_stream')
})
