import AxeBuilder from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { ORIGIN } from './instance.ts'
import { RESIDENT } from './sign-in.ts'

const ADDRESS = '/overview'

const control = (page: Page) => page.getByRole('group', { name: 'Period' })
const periodButton = (page: Page) => control(page).getByRole('button', { expanded: false }).first()
const compareButton = (page: Page) => control(page).getByRole('button', { expanded: false }).last()

test('the period is in the address: links and arrows change it, back restores it, a link shows the same', async ({
  pageOf,
}) => {
  const page = await pageOf(RESIDENT)
  await page.goto(ADDRESS)
  await expect(periodButton(page)).toHaveText('Last 28 days')
  await expect(compareButton(page)).toHaveText('vs previous 28 days')
  // A full navigation would lose this.
  await page.evaluate(() => Object.assign(window, { stays: true }))

  await periodButton(page).click()
  await page.getByRole('dialog', { name: 'Period' }).getByRole('link', { name: 'This year' }).click()
  await expect(page).toHaveURL(`${ADDRESS}?period=year&compare=previous`)
  await expect(periodButton(page)).toHaveText('This year')
  await expect(page.getByRole('dialog')).toBeHidden()
  await periodButton(page).click()
  await page.getByRole('dialog', { name: 'Period' }).getByRole('link', { name: 'Last 7 days' }).click()
  await expect(periodButton(page)).toHaveText('Last 7 days')
  await expect(page).toHaveURL(`${ADDRESS}?period=7d&compare=previous`)
  await compareButton(page).click()
  await page.getByRole('link', { name: 'No comparison' }).click()
  await expect(compareButton(page)).toHaveText('Compare')

  await page.goBack()
  await expect(compareButton(page)).toHaveText('vs previous 7 days')
  await page.goBack()
  await expect(periodButton(page)).toHaveText('This year')
  await page.goForward()
  await expect(periodButton(page)).toHaveText('Last 7 days')
  expect(await page.evaluate(() => 'stays' in window)).toBe(true)
  const shared = page.url()
  await page.goto('/settings')
  await page.goto(shared)
  await expect(periodButton(page)).toHaveText('Last 7 days')
})

test('two days are typed or selected in a calendar that begins with the listener’s week', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-40')
  await page.request.put('/api/settings', { headers: { origin: ORIGIN }, data: { weekStart: 7 } })
  await page.goto(`${ADDRESS}?from=2026-05-03&to=2026-05-17`)
  await expect(periodButton(page)).toHaveText('3 – 17 May 2026')
  await periodButton(page).click()
  const dialog = page.getByRole('dialog', { name: 'Period' })
  await expect(dialog.getByRole('columnheader').first()).toHaveText('Su')
  await dialog.getByLabel('From').fill('2026-02-10')
  await dialog.getByLabel('To').fill('2026-02-01')
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog.getByText('Swap the two days.')).toBeVisible()
  await dialog.getByRole('button', { name: '1 February 2026', exact: true }).click()
  await dialog.getByRole('button', { name: '28 February 2026' }).click()
  await expect(dialog.getByLabel('To')).toHaveValue('2026-02-28')
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog).toBeHidden()
  await expect(page).toHaveURL(`${ADDRESS}?from=2026-02-01&to=2026-02-28&compare=previous`)
  await expect(periodButton(page)).toHaveText('February 2026')
  await expect(periodButton(page)).toBeFocused()
})

test('everything works by keyboard', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto(ADDRESS)
  await periodButton(page).focus()
  await page.keyboard.press('Enter')
  const link = (name: string) => page.getByRole('dialog').getByRole('link', { name })
  await expect(link('Last 28 days')).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(link('Last 90 days')).toBeFocused()
  await page.keyboard.press('End')
  await expect(link('All time')).toBeFocused()
  await page.keyboard.press('Home')
  await expect(link('Today')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(periodButton(page)).toBeFocused()
  await expect(page).toHaveURL(ADDRESS)
  await page.keyboard.press('Space')
  await expect(link('Last 28 days')).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${ADDRESS}?period=7d&compare=previous`)
  await expect(periodButton(page)).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Previous period' })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${ADDRESS}?period=7d&compare=previous`)
  // There is nothing after today, and the focus stays.
  await expect(page.getByRole('link', { name: 'Next period' })).toHaveAttribute('aria-disabled', 'true')
  await expect(page.getByRole('link', { name: 'Next period' })).toBeFocused()
})

for (const scheme of ['dark', 'light'] as const) {
  test(`the open range control has no accessibility problem and fits a phone (${scheme})`, async ({ pageOf }) => {
    const page = await pageOf(RESIDENT)
    await page.emulateMedia({ colorScheme: scheme })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${ADDRESS}?from=2025-12-28&to=2026-01-03&compareFrom=2024-12-28&compareTo=2025-01-03`)
    for (const button of [periodButton, compareButton]) {
      await button(page).click()
      const dialog = page.getByRole('dialog')
      await expect(dialog.getByRole('button', { name: 'Apply' })).toBeInViewport()
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
      await page.keyboard.press('Escape')
    }
  })
}

test('a period without plays leads to all time, and a search without results names it', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  for (const address of ['/overview', '/history', '/top/tracks']) {
    await page.goto(`${address}?from=2010-01-01&to=2010-01-31`)
    await expect(page.getByText('No plays in 1 – 31 Jan 2010. Your plays begin on').first()).toBeVisible()
    await expect(page.getByRole('button', { name: 'Table' })).toHaveCount(address === '/overview' ? 1 : 0)
    await page.getByRole('link', { name: 'Show all time' }).click()
    await expect(page).toHaveURL(/period=all/)
    await expect(page.getByRole('listitem').first()).toBeVisible()
  }
  for (const address of ['/history', '/top/tracks', '/library']) {
    await page.goto(`${address}?search=100%25+%22nowhere%22`)
    await expect(page.getByText('Nothing matches “100% "nowhere"”.')).toBeVisible()
  }
})

test('an address with an invalid period shows the default and says so', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto(`${ADDRESS}?from=2026-05-04&to=2026-05-03`)
  await expect(periodButton(page)).toHaveText('Last 28 days')
  await expect(control(page).getByRole('alert')).toHaveText(
    '"from" is after "to" in this address. Showing Last 28 days instead.',
  )
})

test('the days move on when midnight passes while the page is open', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.clock.install()
  await page.goto(ADDRESS)
  const announced = control(page).getByRole('status')
  const before = await announced.textContent()
  await page.clock.fastForward('24:00:00')
  await expect(announced).not.toHaveText(before ?? '')
  await expect(periodButton(page)).toHaveText('Last 28 days')
})

test('the bars of a few days stand above their labels', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/overview?period=7d&compare=previous')
  const plot = page.getByRole('region', { name: 'Minutes listened' }).locator('svg.recharts-surface').first()
  const middles = (parts: Locator) =>
    parts.evaluateAll((nodes) =>
      nodes
        .map((node) => node.getBoundingClientRect())
        // Days without plays have bars of no height.
        .filter(({ height }) => height > 0)
        .map(({ left, width }) => left + width / 2),
    )
  const bars = plot.locator('.recharts-bar-rectangle path')
  await expect.poll(() => middles(bars)).not.toEqual([])
  const labels = await middles(plot.locator('.recharts-xAxis-tick-labels text'))
  for (const bar of await middles(bars))
    expect(Math.min(...labels.map((label) => Math.abs(label - bar)))).toBeLessThan(4)
})
