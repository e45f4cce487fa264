import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Locator, type Page } from '@playwright/test'

/** Helpers shared by several specs. */

/** Opens the consent page from the start page. */
export async function openConsentPage(page: Page): Promise<void> {
  await page.goto('/')
  await page.getByRole('button', { name: 'Sign in with Spotify' }).click()
  await expect(page.getByRole('heading', { name: 'Connect a listener' })).toBeVisible()
}

/** A panel by its title. */
export function panel(page: Page, title: string | RegExp): Locator {
  return page.getByRole('region', { name: title, exact: typeof title === 'string' })
}

/** The sidebar. */
export function sidebar(page: Page): Locator {
  return page.getByRole('navigation', { name: 'Pages', exact: true })
}

/** The newest run on /runs or /admin. */
export function newestRun(page: Page): Locator {
  return page.getByRole('main').locator('ol > li').first()
}

/** Opens a dialog that wants a name typed, types it and confirms. */
export async function confirmByName(page: Page, action: string, name: string): Promise<void> {
  await page.getByRole('button', { name: action, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: action, exact: true })
  await expect(dialog.getByRole('button', { name: action, exact: true })).toBeDisabled()
  await dialog.getByRole('textbox').fill(name)
  await dialog.getByRole('button', { name: action, exact: true }).click()
}

/** Marks the current document; a reload would lose the mark. */
export async function markDocument(page: Page): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute('data-same-document', ''))
}

export async function expectSameDocument(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-same-document')
}

const SERIOUS = ['serious', 'critical']

/** Serious accessibility problems of the page, as text. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Legacy mode checks in the page itself instead of loading axe a second time in another one; frames would need that.
  expect(page.frames()).toHaveLength(1)
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode()
    .analyze()
  return violations
    .filter(({ impact }) => SERIOUS.includes(impact ?? ''))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`)
}
