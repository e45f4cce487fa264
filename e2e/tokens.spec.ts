import { expect, test } from './fixtures.ts'
import { ORIGIN } from './instance.ts'

test('a token is created, shown once, used by a script and revoked', async ({ idlePageOf, emptyPage }) => {
  const page = await idlePageOf('load-53')
  const script = (await emptyPage()).request
  await page.goto('/settings')
  const panel = page.getByRole('region', { name: 'API tokens' })
  await expect(panel.getByText('No tokens yet.')).toBeVisible()
  await panel.getByRole('button', { name: 'New token' }).click()

  const form = panel.getByRole('form', { name: 'New token' })
  await form.getByRole('checkbox', { name: 'Read charts' }).uncheck()
  await form.getByRole('button', { name: 'Create token' }).click()
  await expect(form.getByText('Enter a name.')).toBeVisible()
  await expect(form.getByText('Choose at least one permission.')).toBeVisible()
  await form.getByRole('textbox', { name: 'Name' }).fill('my notebook')
  await form.getByRole('checkbox', { name: 'Read syncs' }).check()
  await form.getByRole('combobox', { name: 'Expires' }).selectOption('in 30 days')
  await form.getByRole('button', { name: 'Create token' }).click()

  const token = (await panel.getByRole('status').locator('code').first().textContent()) ?? ''
  expect(token).toMatch(/^tracklake_/)
  await expect(panel.getByRole('region', { name: 'Example for a terminal' })).toContainText(`${ORIGIN}/api/runs`)
  const line = panel.getByRole('listitem').filter({ hasText: 'my notebook' })
  await expect(line).toContainText('read syncs')
  await expect(line).toContainText('never used')
  await expect(line).toContainText('expires in')

  const headers = { authorization: `Bearer ${token}` }
  expect((await script.get('/api/runs', { headers })).status()).toBe(200)
  const refused = await script.get('/api/charts/figures', { headers })
  expect([refused.status(), await refused.json()]).toEqual([
    403,
    {
      error: { code: 'scope-missing', message: 'This token is not allowed to read charts', remedy: expect.any(String) },
    },
  ])

  await page.reload()
  await expect(panel.getByText(token)).toHaveCount(0)
  await expect(line).toContainText('used just now')
  await line.getByRole('button', { name: 'Revoke my notebook' }).click()
  await expect(panel.getByText('No tokens yet.')).toBeVisible()
  expect((await script.get('/api/runs', { headers })).status()).toBe(401)
})
