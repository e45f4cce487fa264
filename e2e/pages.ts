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

/** More than the longest list has. */
const MAX_STOPS = 1_000

/**
 * Walks through a page with the Tab key.
 * @returns what could not be reached, and what does not show that it has the focus
 */
export async function keyboardProblems(page: Page): Promise<string[]> {
  const count = await page.evaluate(() => {
    // Charts and their cells are SVG.
    type Stop = HTMLElement | SVGElement
    const isReachable = (element: Stop) =>
      element.tabIndex >= 0 &&
      !element.matches(':disabled, [type="hidden"]') &&
      !element.closest('[inert]') &&
      element.checkVisibility({ visibilityProperty: true })
    // Arrow keys move within a group of radio buttons.
    const isOtherRadio = (element: Stop) =>
      element instanceof HTMLInputElement && element.type === 'radio' && !element.checked
    const stops = [...document.querySelectorAll<Stop>('a[href], button, input, select, textarea, [tabindex]')]
    const expected = stops.filter((element) => isReachable(element) && !isOtherRadio(element))
    const unreached = new Set(expected)
    const reached = new Set<Stop>()
    document.addEventListener('focusin', ({ target }) => {
      if (!(target instanceof HTMLElement || target instanceof SVGElement)) return
      unreached.delete(target)
      reached.add(target)
    })
    // Fields show their focus by caret and border, cells by their stroke.
    const isUnmarked = (element: Stop) => {
      if (!isReachable(element) || element.matches('input, select, textarea, svg *')) return false
      // After a key, a focus that a script sets is as visible as one that a key sets.
      element.focus({ preventScroll: true })
      const { outlineStyle, boxShadow } = getComputedStyle(element)
      return document.activeElement === element && outlineStyle === 'none' && boxShadow === 'none'
    }
    const nameOf = (element: Stop) => element.outerHTML.slice(0, 120)
    Object.assign(window, {
      unreachedStops: () => [...unreached].filter((element) => element.isConnected && isReachable(element)).map(nameOf),
      unmarkedStops: () => [...reached].filter(isUnmarked).map(nameOf),
    })
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    return expected.length
  })
  expect(count).toBeLessThan(MAX_STOPS)
  const results = (name: 'unreachedStops' | 'unmarkedStops') =>
    page.evaluate((key) => (window as unknown as Record<string, () => string[]>)[key]?.() ?? [], name)
  // Some stops are reached that are not counted, for example lists that scroll.
  for (let pressed = 0; pressed < 2 * count + 10 && (await results('unreachedStops')).length > 0; pressed += 10) {
    for (let key = 0; key < 10; key++) await page.keyboard.press('Tab')
  }
  const unreached = await results('unreachedStops')
  const unmarked = await results('unmarkedStops')
  return [...unreached.map((stop) => `not reached: ${stop}`), ...unmarked.map((stop) => `no visible focus: ${stop}`)]
}
