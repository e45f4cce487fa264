import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { panel } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

const ADDRESS = '/insights'

const week = (page: Page) => panel(page, 'Hours of the week').getByRole('grid')

test('what is counted and the period are in the address, and back restores them', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto(ADDRESS)
  await expect(week(page)).toHaveAccessibleName('Plays by weekday and hour')
  await page.getByRole('link', { name: 'Minutes', exact: true }).click()
  await expect(page).toHaveURL(/[?&]by=minutes/)
  await expect(week(page)).toHaveAccessibleName('Minutes by weekday and hour')
  await page.getByRole('button', { name: 'All time' }).click()
  await page.getByRole('link', { name: 'This year' }).click()
  await expect(page).toHaveURL(/by=minutes&period=year/)
  await expect(week(page)).toHaveAccessibleName('Minutes by weekday and hour')
  await page.goBack()
  await page.goBack()
  await expect(page).toHaveURL(ADDRESS)
  await expect(week(page)).toHaveAccessibleName('Plays by weekday and hour')
})

test('arrow keys step through a heatmap, and its table has the same cells', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto(ADDRESS)
  const cells = week(page).getByRole('gridcell')
  await expect(cells).toHaveCount(168)
  // Tab reaches one cell: the strongest.
  const strongest = week(page).locator('[tabindex="0"]')
  await expect(strongest).toHaveCount(1)
  await strongest.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  const focused = page.locator(':focus')
  await expect(focused).toHaveAccessibleName(/^\w+day, 02:00–03:00: \d+ plays?, \d+ minutes?$/)
  const name = (await focused.getAttribute('aria-label')) ?? ''
  await expect(panel(page, 'Hours of the week').getByText('02:00–03:00', { exact: false })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(panel(page, 'Hours of the week').getByText('02:00–03:00', { exact: false })).toBeHidden()

  await panel(page, 'Hours of the week').getByRole('button', { name: 'Table' }).click()
  const [, weekday, plays] = /^(\w+), .*: (\d+) play/.exec(name) ?? []
  const row = panel(page, 'Hours of the week').getByRole('row', { name: new RegExp(`^${weekday} 02:00 ${plays} `) })
  await expect(row).toBeVisible()
})

test('bars and the calendar count the same plays', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto(ADDRESS)
  const totals: number[] = []
  for (const title of ['Calendar', 'Weekdays', 'Hours of the day', 'Months of the year', 'Years']) {
    await panel(page, title).getByRole('button', { name: 'Table' }).click()
    const plays = await panel(page, title)
      .getByRole('row')
      .evaluateAll((rows) =>
        rows.slice(1).map((row) => Number(row.querySelector('[data-numeric]')?.textContent?.replace(/\D/g, ''))),
      )
    totals.push(plays.reduce((sum, one) => sum + one, 0))
  }
  expect(new Set(totals).size).toBe(1)
  expect(totals[0]).toBeGreaterThan(0)
})

test('a day of the calendar leads to its plays', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto(ADDRESS)
  const strongest = panel(page, 'Calendar').getByRole('grid').locator('[tabindex="0"]')
  const plays = /: ([\d,]+) play/.exec((await strongest.getAttribute('aria-label')) ?? '')?.[1]
  await strongest.focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/history\?from=(\d{4}-\d\d-\d\d)&to=\1$/)
  await expect(page.getByRole('heading', { name: 'History', level: 1 })).toBeVisible()
  expect(Number(plays)).toBeGreaterThan(0)
})

test('a period without plays says so once, and leads to all time', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto(`${ADDRESS}?from=2010-01-01&to=2010-01-31`)
  await expect(panel(page, 'Nothing played')).toContainText('No plays in 1 – 31 Jan 2010.')
  await expect(panel(page, 'Weekdays')).toBeHidden()
  await page.getByRole('link', { name: 'Show all time' }).click()
  await expect(page).toHaveURL(/period=all/)
  await expect(week(page)).toBeVisible()
})

test('on a phone the calendar scrolls in its panel and shows its end', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(ADDRESS)
  const scroller = panel(page, 'Calendar').getByRole('grid').locator('..')
  await expect
    .poll(() => scroller.evaluate(({ scrollLeft, scrollWidth, clientWidth }) => scrollWidth - clientWidth - scrollLeft))
    .toBeLessThan(2)
  expect(await scroller.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)).toBe(true)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})
