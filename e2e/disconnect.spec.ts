import { storedAccount } from './database.ts'
import { expect, test } from './fixtures.ts'
import { confirmByName, newestRun, panel } from './pages.ts'
import { signIn } from './sign-in.ts'
import { configureSpotify } from './simulator.ts'

test('disconnecting deletes the tokens right away, and reconnecting resumes syncing', async ({ pageOf }) => {
  const page = await pageOf('load-41')
  expect(await storedAccount('Load 41')).toEqual({ hasTokens: true, consent: 'given' })
  await page.goto('/connections')
  await confirmByName(page, 'Disconnect', 'Load 41')
  await expect(page.getByRole('definition').filter({ hasText: /^disconnected$/ })).toBeVisible()
  await expect(page.getByText('Spotify is disconnected, so nothing new is synced.')).toBeVisible()
  expect(await storedAccount('Load 41')).toEqual({ hasTokens: false, consent: 'disconnected' })

  await page.goto('/runs')
  await expect(newestRun(page)).toContainText('canceled')
  await page.getByRole('button', { name: 'Sync now' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'Spotify is not connected' })).toBeVisible()

  expect(await signIn(page.request, 'load-41')).toBe('/overview')
  await page.goto('/connections')
  await expect(page.getByRole('definition').filter({ hasText: /^connected$/ })).toBeVisible()
  expect(await storedAccount('Load 41')).toEqual({ hasTokens: true, consent: 'given' })
  await page.goto('/runs')
  await expect(newestRun(page).getByRole('link', { name: 'At sign-in' })).toBeVisible()
  await newestRun(page).getByRole('button', { name: 'Cancel' }).click()
  await expect(newestRun(page)).toContainText('canceled')
})

test('Reconnect goes through the consent page and back', async ({ page, context }) => {
  await signIn(context.request, 'quiet-fern')
  await page.goto('/connections')
  await page.getByRole('button', { name: 'Reconnect' }).click()
  await page.getByRole('radio', { name: 'quiet-fern' }).check()
  await page.getByRole('button', { name: 'Agree' }).click()
  await expect(page.getByRole('button', { name: 'Account menu for quiet-fern' })).toBeVisible()
})

test('a sign-in that Spotify refuses once is shown with the time of the next try, and Reconnect resumes what waits', async ({
  idlePageOf,
}) => {
  const page = await idlePageOf('load-44')
  await configureSpotify({ listeners: { 'load-44': { consent: 'revoked' } } })
  await page.request.post('/api/runs', { data: { streams: ['user_followed_artists_stream'] } })
  await page.goto('/runs')
  const once = page.getByText(/Spotify refused our sign-in once. We’ll try again at \d\d:\d\d/)
  await expect(once).toBeVisible()
  await expect(newestRun(page)).toContainText('waiting')
  await newestRun(page).getByRole('link').first().click()
  await expect(panel(page, 'Progress')).toContainText('Spotify refused the sign-in')
  await page.goto('/connections')
  await expect(page.getByRole('definition').filter({ hasText: 'refused once, checking again' })).toBeVisible()
  await page.getByRole('button', { name: 'Reconnect' }).first().click()
  await expect(page.getByRole('heading', { name: 'Connect a listener' })).toBeVisible()

  await signIn(page.request, 'load-44')
  await page.goto('/runs')
  await expect(newestRun(page)).toContainText(/succeeded|nothing new/, { timeout: 60_000 })
  await expect(once).toBeHidden()
})

test('deleting the account shows a receipt, ends all sessions, and the next sign-in starts empty', async ({
  pageOf,
}) => {
  const page = await pageOf('load-42')
  await page.goto('/overview')
  await expect(panel(page, 'Spotify’s top songs, 4 weeks').getByRole('listitem')).toHaveCount(5, { timeout: 60_000 })
  const elsewhere = await pageOf('load-42')
  await page.goto('/settings')
  await confirmByName(page, 'Delete account', 'Load 42')
  await expect(page).toHaveURL(/\/erased\?receipt=/)
  await expect(page.getByRole('heading', { name: /^Receipt \w{26}$/ })).toBeVisible()
  await expect(page.getByRole('listitem').filter({ hasText: /^[1-9]\d* stored responses/ })).toBeVisible()
  await expect(page.getByRole('listitem').filter({ hasText: '1 warehouse files' })).toBeVisible()

  for (const browser of [page, elsewhere]) {
    await browser.goto('/overview')
    await expect(browser).toHaveURL('/')
  }
  expect(await storedAccount('Load 42')).toBeUndefined()

  await signIn(page.request, 'load-42')
  await page.goto('/runs')
  await expect(newestRun(page)).toContainText('At sign-in')
  await expect(page.getByRole('main').locator('ol > li')).toHaveCount(1)
  await newestRun(page).getByRole('button', { name: 'Cancel' }).click()
  await expect(newestRun(page)).toContainText('canceled')
})

test('a wrong name deletes nothing', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-43')
  const refused = await page.request.post('/api/erase', { data: { confirm: 'Load 44' } })
  expect(refused.status()).toBe(400)
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Delete account' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete account' })
  await dialog.getByRole('textbox').fill('Load 44')
  await expect(dialog.getByRole('button', { name: 'Delete account' })).toBeDisabled()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toBeHidden()
  expect(await storedAccount('Load 43')).toEqual({ hasTokens: true, consent: 'given' })
})
