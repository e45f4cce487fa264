import type { Page } from '@playwright/test'
import { backdateSignIns } from './database.ts'
import { expect, test } from './fixtures.ts'
import { confirmByName, panel } from './pages.ts'

/** Confirming a sign-in in a tab of its own, while a form waits with everything that was typed. */

// A test makes the sign-ins of its listener older.
test.describe.configure({ mode: 'serial' })

/** Presses the button of the form, and agrees on Spotify's page as this listener. @returns the tab that comes back */
async function confirmAs(page: Page, listener: string): Promise<Page> {
  const opened = page.context().waitForEvent('page')
  await page.getByRole('button', { name: 'Confirm with Spotify' }).click()
  const tab = await opened
  await tab.getByRole('radio', { name: listener }).check()
  await tab.getByRole('button', { name: 'Agree' }).click()
  return tab
}

test('a token is created after a confirmation in another tab, as typed', async ({ idlePageOf }) => {
  const page = await idlePageOf('quiet-fern')
  await page.goto('/settings')
  await backdateSignIns('quiet-fern', 16)
  const tokens = panel(page, 'API tokens')
  await tokens.getByRole('button', { name: 'New token' }).click()
  const form = tokens.getByRole('form', { name: 'New token' })
  await form.getByRole('textbox', { name: 'Name' }).fill('typed before')
  await form.getByRole('button', { name: 'Create token' }).click()
  await expect(form.getByRole('heading', { name: 'Confirm that it’s you' })).toBeVisible()
  await expect(form.getByRole('textbox', { name: 'Name' })).toHaveValue('typed before')

  const refused = await confirmAs(page, 'Juniper')
  await expect(refused).toHaveURL('/confirmed?problem=other-account')
  await expect(refused.getByRole('heading', { name: 'That’s a different Spotify account' })).toBeVisible()
  await expect(form.getByText('Waiting for Spotify')).toBeVisible()
  await refused.close()

  const confirmed = await confirmAs(page, 'quiet-fern')
  await expect(confirmed).toHaveURL('/confirmed')
  await expect(confirmed.getByRole('heading', { name: 'Thanks, quiet-fern' })).toBeVisible()
  await confirmed.close()
  await expect(tokens.getByText('Copy the token “typed before” now.')).toBeVisible()
  await expect(tokens.getByRole('listitem').filter({ hasText: 'typed before' })).toHaveCount(1)
  await tokens.getByRole('button', { name: 'Revoke typed before' }).click()
})

test('keeps a secret in the form, and nowhere else, until the confirmation', async ({ idlePageOf }) => {
  const page = await idlePageOf('quiet-fern')
  await page.goto('/connections/snowflake')
  await backdateSignIns('quiet-fern', 16)
  await page.getByLabel('Account identifier').fill('acmeorg-lake')
  for (const label of ['User', 'Role', 'Warehouse', 'Database'])
    await page.getByRole('textbox', { name: label, exact: true }).fill('SOMETHING')
  await page.getByLabel('Authentication').selectOption('Password (trial accounts only)')
  await page.getByLabel('Password', { exact: true }).fill('typed-secret')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const opened = page.context().waitForEvent('page')
  await page.getByRole('button', { name: 'Confirm with Spotify' }).click()
  const tab = await opened
  await expect(tab.getByRole('heading', { name: 'Connect a listener' })).toBeVisible()
  expect(tab.url()).not.toContain('typed-secret')
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain(
    'typed-secret',
  )
  await tab.getByRole('button', { name: 'Cancel' }).click()
  await expect(tab.getByRole('heading', { name: 'Not confirmed' })).toBeVisible()
  await tab.close()
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('typed-secret')
})

test('lists the signed-in browsers, and signs out one or all of them', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-27')
  const other = await idlePageOf('load-27')
  await page.goto('/settings')
  const browsers = panel(page, 'Signed-in browsers')
  await expect(browsers.getByRole('listitem')).toHaveCount(2)
  await expect(browsers.getByRole('listitem').first()).toContainText('This browser')
  await browsers
    .getByRole('listitem')
    .last()
    .getByRole('button', { name: /^Sign out/ })
    .click()
  await expect(browsers.getByRole('listitem')).toHaveCount(1)
  expect((await other.request.get('/api/me')).status()).toBe(401)

  await browsers.getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(page.getByRole('heading', { name: 'You’re signed out' })).toBeVisible()
  await page.goto('/settings')
  await expect(page).toHaveURL('/')
})

test('disconnecting works with an old sign-in', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-28')
  await backdateSignIns('Load 28', 24 * 60)
  await page.goto('/connections')
  await confirmByName(page, 'Disconnect', 'Load 28')
  await expect(page.getByRole('definition').filter({ hasText: /^disconnected$/ })).toBeVisible()
})
