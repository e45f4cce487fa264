import type { Page } from '@playwright/test'
import { cancelRun, expect, test } from './fixtures.ts'
import { accessibilityProblems, expectSameDocument, markDocument, panel } from './pages.ts'

const rows = (page: Page, title = 'Plays') => panel(page, title).getByRole('listitem')

/** The number of plays on the overview, of all time. */
async function playsOnOverview(page: Page): Promise<number> {
  await page.goto('/overview?period=all')
  const tile = page.locator('dl > div', { has: page.getByText('Plays', { exact: true }) })
  return Number((await tile.locator('dd').first().innerText()).replaceAll(/\D/g, ''))
}

/** Opens the history of a listener whose plays have arrived. @returns how many there are */
async function openHistory(page: Page): Promise<number> {
  await expect(async () => {
    await page.goto('/history')
    await expect(rows(page).nth(4)).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await cancelRun(page.request)
  await page.reload()
  return rows(page).count()
}

/** The page says so while figures lag behind, and no longer. */
async function expectUpdated(page: Page): Promise<void> {
  await expect(page.getByRole('status').filter({ hasText: 'Updating your figures' })).toBeHidden({ timeout: 60_000 })
}

test('an excluded play counts nowhere until it is undone, also after a reload', async ({ pageOf }) => {
  const page = await pageOf('load-45')
  const listed = await openHistory(page)
  const plays = await playsOnOverview(page)
  await page.goto('/history')
  const row = rows(page).nth(1)
  const name = (await row.getByRole('link').first().innerText()).trim()
  await markDocument(page)
  const button = row.getByRole('button')
  await expect(button).toHaveAccessibleName(new RegExp(`^Exclude ${escaped(name)}, `))
  await button.focus()
  await page.keyboard.press('Enter')
  await expect(row).toContainText('excluded')
  await expect(button).toBeFocused()
  await expect(button).toHaveAccessibleName(new RegExp(`^Undo excluding ${escaped(name)}, `))
  await expectUpdated(page)
  await expect(page.getByRole('checkbox', { name: 'Only excluded (1)' })).toBeVisible()
  await expect(rows(page)).toHaveCount(listed)
  await expectSameDocument(page)
  expect(await playsOnOverview(page)).toBe(plays - 1)

  await page.goto('/history')
  await expect(row).toContainText('excluded')
  await page.getByRole('checkbox', { name: 'Only excluded (1)' }).check()
  await expect(page).toHaveURL(/show=excluded/)
  await expect(rows(page, 'Excluded plays')).toHaveCount(1)
  await page.reload()
  await expect(rows(page, 'Excluded plays')).toHaveCount(1)
  expect(await accessibilityProblems(page)).toEqual([])

  await rows(page, 'Excluded plays').getByRole('button', { name: 'Undo' }).click()
  await expectUpdated(page)
  await expect(page.getByText('No excluded plays in this period.')).toBeVisible()
  // It disappears with the last exclusion.
  await page.getByRole('checkbox', { name: 'Only excluded (0)' }).click()
  await expect(rows(page)).toHaveCount(listed)
  await expect(row).not.toContainText('excluded')
  expect(await playsOnOverview(page)).toBe(plays)
})

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

test('twenty plays are excluded one right after the other, and undone on a phone', async ({ pageOf }) => {
  const page = await pageOf('load-46')
  const listed = await openHistory(page)
  const count = Math.min(20, listed)
  const plays = await playsOnOverview(page)
  await page.goto('/history')
  for (let index = 0; index < count; index += 1) await rows(page).nth(index).getByRole('button').click()
  await expect(page.getByRole('checkbox', { name: `Only excluded (${count})` })).toBeVisible()
  await expectUpdated(page)
  expect(await playsOnOverview(page)).toBe(plays - count)

  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('/history?show=excluded')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  const undo = rows(page, 'Excluded plays').getByRole('button', { name: 'Undo' })
  await expect(undo).toHaveCount(count)
  for (let index = 0; index < count; index += 1)
    await rows(page, 'Excluded plays').nth(index).getByRole('button').click()
  await expectUpdated(page)
  await expect(page.getByText('No excluded plays in this period.')).toBeVisible()
  expect(await playsOnOverview(page)).toBe(plays)
})

test('a play that cannot be excluded stays as it was', async ({ pageOf }) => {
  const page = await pageOf('load-47')
  await openHistory(page)
  await page.route('**/api/exclusions', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 409,
          json: { error: { code: 'too-many-exclusions', message: 'It is full', remedy: 'Undo some of them first.' } },
        })
      : route.continue(),
  )
  const row = rows(page).first()
  await row.getByRole('button', { name: 'Exclude' }).click()
  await expect(page.getByText('It is full')).toBeVisible()
  await expect(row).not.toContainText('excluded')
  await expect(row.getByRole('button', { name: 'Exclude' })).toBeVisible()
})
