import { expect, test } from './fixtures.ts'

test('zone and start of the week are kept', async ({ pageOf }) => {
  const page = await pageOf('load-51')
  await page.goto('/settings')
  const zone = page.getByRole('combobox', { name: 'Time zone' })
  const weekStart = page.getByRole('combobox', { name: 'Week starts on' })
  await zone.selectOption('Pacific/Auckland')
  await expect(page.getByRole('status')).toHaveText('Saved.')
  await weekStart.selectOption('Sunday')
  await expect(page.getByRole('status')).toHaveText('Saved.')
  await page.reload()
  await expect(zone).toHaveValue('Pacific/Auckland')
  await expect(weekStart.getByRole('option', { selected: true })).toHaveText('Sunday')
  await page.goto('/runs')
  await expect(page.getByRole('listitem').locator('time').first()).toHaveAttribute('title', /Pacific\/Auckland/)
})

test.describe('a browser far away', () => {
  test.use({ timezoneId: 'Asia/Tokyo' })

  test('its zone counts until another is chosen', async ({ pageOf }) => {
    const page = await pageOf('load-52')
    await page.goto('/settings')
    await expect(page.getByRole('combobox', { name: 'Time zone' })).toHaveValue('Asia/Tokyo')
  })
})

test('the theme that was chosen stays', async ({ pageOf }) => {
  const page = await pageOf('load-51')
  await page.goto('/settings')
  for (const theme of ['Dark', 'Light']) {
    await page.getByRole('radiogroup', { name: 'Theme' }).getByText(theme).click()
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme.toLowerCase())
    await page.reload()
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme.toLowerCase())
  }
})
