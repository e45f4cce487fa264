import { expect, test } from './fixtures.ts'
import { accessibilityProblems, panel } from './pages.ts'

test('saves time zone and start of the week', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-51')
  await page.goto('/settings')
  const zone = page.getByRole('combobox', { name: 'Time zone' })
  const weekStart = page.getByRole('combobox', { name: 'Week starts on' })
  await zone.selectOption('Pacific/Auckland')
  await expect(panel(page, 'Time').getByRole('status')).toHaveText('Saved.')
  await weekStart.selectOption('Sunday')
  await expect(panel(page, 'Time').getByRole('status')).toHaveText('Saved.')
  await page.reload()
  await expect(zone).toHaveValue('Pacific/Auckland')
  await expect(weekStart.getByRole('option', { selected: true })).toHaveText('Sunday')
  await page.goto('/runs')
  await expect(page.getByRole('listitem').locator('time').first()).toHaveAttribute('title', /Pacific\/Auckland/)
})

test('changes, pauses and resumes a schedule, and rejects an impossible one at its field', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-53')
  await page.goto('/settings')
  const schedule = panel(page, 'Schedules')
    .getByRole('listitem')
    .filter({ hasText: /recently played/i })
  await expect(schedule).toContainText('Every 30 minutes from 6:00 to midnight, every 2 hours otherwise', {
    ignoreCase: true,
  })
  await schedule.getByRole('button', { name: 'Change recently played' }).click()
  const form = page.getByRole('form', { name: 'Schedule for recently played' })
  await form.getByRole('combobox', { name: 'How often' }).selectOption('every 15 minutes')
  await form.getByRole('combobox', { name: 'From' }).selectOption('8')
  await form.getByRole('combobox', { name: 'To' }).selectOption('8')
  await form.getByRole('textbox', { name: 'Label' }).fill('Night shift')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByRole('combobox', { name: 'To' })).toHaveAccessibleDescription(/must differ from the start/)
  await expect(schedule).toContainText('every 30 minutes from 6:00 to midnight', { ignoreCase: true })
  expect(await accessibilityProblems(page), 'form').toEqual([])

  await form.getByRole('combobox', { name: 'To' }).selectOption('4')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form).toBeHidden()
  const named = panel(page, 'Schedules').getByRole('listitem').filter({ hasText: 'Night shift' })
  await expect(named).toContainText('every 15 minutes from 8:00 to 4:00, every 2 hours otherwise', { ignoreCase: true })
  await expect(named.locator('time').first()).toHaveText(/^(just now|in a moment|in \d+ (minutes?|hours?))$/)

  await named.getByRole('button', { name: 'Pause recently played' }).click()
  await expect(named.getByText('paused')).toBeVisible()
  await page.reload()
  await named.getByRole('button', { name: 'Resume recently played' }).click()
  await expect(named.locator('time').first()).toBeVisible()
})

test('a weekly schedule needs a day, and an invalid time is rejected', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-53')
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Change library' }).click()
  const form = page.getByRole('form', { name: 'Schedule for library' })
  await form.getByRole('combobox', { name: 'How often' }).selectOption('weekly')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByRole('combobox', { name: 'Day' })).toHaveAccessibleDescription(/day is missing/)
  await form.getByRole('combobox', { name: 'Day' }).selectOption('Sunday')
  await form.getByRole('textbox', { name: 'At' }).fill('25:00')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByRole('textbox', { name: 'At' })).toHaveAccessibleDescription(/Enter a time of day/)
  await form.getByRole('textbox', { name: 'At' }).fill('7:30')
  await form.getByRole('button', { name: 'Save' }).click()
  const line = panel(page, 'Schedules')
    .getByRole('listitem')
    .filter({ hasText: /on Sunday at 7:30/i })
  await expect(line).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

test('rejects an invalid time zone and keeps the previous one', async ({ idlePageOf }) => {
  const { request } = await idlePageOf('load-53')
  const currentZone = async () => (await (await request.get('/api/settings')).json()).zone
  expect((await request.put('/api/settings', { data: { zone: 'Asia/Kolkata' } })).status()).toBe(200)
  for (const zone of ['Mars/Olympus', '+05:30', '']) {
    const response = await request.put('/api/settings', { data: { zone } })
    expect(response.status(), zone).toBe(400)
    expect(await response.json()).toMatchObject({
      error: { fields: { zone: expect.stringContaining('valid time zone') } },
    })
  }
  expect(await currentZone()).toBe('Asia/Kolkata')
})

test.describe('a browser in another time zone', () => {
  test.use({ timezoneId: 'Asia/Tokyo' })

  test('its time zone is the default', async ({ idlePageOf }) => {
    const page = await idlePageOf('load-52')
    await page.goto('/settings')
    await expect(page.getByRole('combobox', { name: 'Time zone' })).toHaveValue('Asia/Tokyo')
  })
})

test('keeps the chosen theme', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-51')
  await page.goto('/settings')
  for (const theme of ['Dark', 'Light']) {
    await page.getByRole('radiogroup', { name: 'Theme' }).getByText(theme).click()
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme.toLowerCase())
    await page.reload()
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme.toLowerCase())
  }
})
