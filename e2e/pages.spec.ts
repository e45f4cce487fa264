import { nameOf, open, PAGES } from './every-page.ts'
import { expect, test } from './fixtures.ts'
import { accessibilityProblems, keyboardProblems, sidebar } from './pages.ts'

for (const one of PAGES) {
  test(`${nameOf(one)} is accessible in light and dark, and by keyboard`, async ({ pageOf, emptyPage }) => {
    const page = await (one.as ? pageOf(one.as) : emptyPage())
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await open(page, one)
      expect(await accessibilityProblems(page), colorScheme).toEqual([])
    }
    expect(await keyboardProblems(page)).toEqual([])
  })

  test(`${nameOf(one)} fits a phone`, async ({ pageOf, emptyPage }) => {
    const page = await (one.as ? pageOf(one.as) : emptyPage())
    await page.setViewportSize({ width: 390, height: 844 })
    await open(page, one)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    if (one.as && !one.isPublic) {
      const bar = await sidebar(page).boundingBox()
      expect(bar && [bar.x, bar.width, Math.round(bar.y + bar.height)]).toEqual([0, 390, 844])
      await expect(sidebar(page).getByRole('link', { name: 'Overview', exact: true })).toBeInViewport()
    }
  })
}
