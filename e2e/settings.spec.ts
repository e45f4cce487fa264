import { expect, test } from './fixtures.ts'
import { barriers, panel } from './pages.ts'

test('zone and start of the week are kept', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-51')
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

test('a plan is changed, paused and taken up again; an impossible one is refused at its field', async ({
  idlePageOf,
}) => {
  const page = await idlePageOf('load-53')
  await page.goto('/settings')
  const plan = panel(page, 'Schedules')
    .getByRole('listitem')
    .filter({ hasText: /recently played/i })
  await expect(plan).toContainText('Every 30 minutes from 6:00 to midnight, every 2 hours otherwise', {
    ignoreCase: true,
  })
  await plan.getByRole('button', { name: 'Change recently played' }).click()
  const form = page.getByRole('form', { name: 'Schedule of recently played' })
  await form.getByRole('combobox', { name: 'How often' }).selectOption('every 15 minutes')
  await form.getByRole('combobox', { name: 'From' }).selectOption('8')
  await form.getByRole('combobox', { name: 'To' }).selectOption('8')
  await form.getByRole('textbox', { name: 'Label' }).fill('Night shift')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByRole('combobox', { name: 'To' })).toHaveAccessibleDescription(/begin/)
  await expect(plan).toContainText('every 30 minutes from 6:00 to midnight', { ignoreCase: true })
  expect(await barriers(page), 'form').toEqual([])

  await form.getByRole('combobox', { name: 'To' }).selectOption('4')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form).toBeHidden()
  const named = panel(page, 'Schedules').getByRole('listitem').filter({ hasText: 'Night shift' })
  await expect(named).toContainText('every 15 minutes from 8:00 to 4:00, every 2 hours otherwise', { ignoreCase: true })
  await expect(named.locator('time').first()).toHaveText(/^in (a moment|\d+ (minutes?|hours?))$/)

  await named.getByRole('button', { name: 'Pause recently played' }).click()
  await expect(named.getByText('paused')).toBeVisible()
  await page.reload()
  await named.getByRole('button', { name: 'Resume recently played' }).click()
  await expect(named.locator('time').first()).toBeVisible()
})

test('a weekly plan wants a day, and a time that is none is refused', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-53')
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Change library' }).click()
  const form = page.getByRole('form', { name: 'Schedule of library' })
  await form.getByRole('combobox', { name: 'How often' }).selectOption('weekly')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByRole('combobox', { name: 'Day' })).toHaveAccessibleDescription(/missing/)
  await form.getByRole('combobox', { name: 'Day' }).selectOption('Sunday')
  await form.getByRole('textbox', { name: 'At' }).fill('25:00')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByRole('textbox', { name: 'At' })).toHaveAccessibleDescription(/no time of day/)
  await form.getByRole('textbox', { name: 'At' }).fill('7:30')
  await form.getByRole('button', { name: 'Save' }).click()
  const line = panel(page, 'Schedules')
    .getByRole('listitem')
    .filter({ hasText: /on Sunday at 7:30/i })
  await expect(line).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

test('a zone that is none is refused and the one before stays', async ({ idlePageOf }) => {
  const { request } = await idlePageOf('load-53')
  const zoneNow = async () => (await (await request.get('/api/settings')).json()).zone
  expect((await request.put('/api/settings', { data: { zone: 'Asia/Kolkata' } })).status()).toBe(200)
  for (const zone of ['Mars/Olympus', '+05:30', '']) {
    const answer = await request.put('/api/settings', { data: { zone } })
    expect(answer.status(), zone).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { fields: { zone: expect.stringContaining('no time zone') } } })
  }
  expect(await zoneNow()).toBe('Asia/Kolkata')
})

test.describe('a browser far away', () => {
  test.use({ timezoneId: 'Asia/Tokyo' })

  test('its zone counts until another is chosen', async ({ idlePageOf }) => {
    const page = await idlePageOf('load-52')
    await page.goto('/settings')
    await expect(page.getByRole('combobox', { name: 'Time zone' })).toHaveValue('Asia/Tokyo')
  })
})

test('the theme that was chosen stays', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-51')
  await page.goto('/settings')
  for (const theme of ['Dark', 'Light']) {
    await page.getByRole('radiogroup', { name: 'Theme' }).getByText(theme).click()
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme.toLowerCase())
    await page.reload()
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme.toLowerCase())
  }
})
