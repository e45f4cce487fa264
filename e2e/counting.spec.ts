import type { Page } from '@playwright/test'
import { cancelRun, expect, test } from './fixtures.ts'
import { accessibilityProblems, panel } from './pages.ts'

/** Opens the top songs of a listener whose plays have arrived. @returns the first two, with their plays */
async function twoSongs(page: Page) {
  const rows = panel(page, 'Top songs').getByRole('listitem')
  await expect(async () => {
    await page.goto('/top/tracks?period=all')
    await expect(rows.nth(3)).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await cancelRun(page.request)
  const response = await page.request.get('/api/charts/top-songs?period=all&limit=2')
  const { rows: songs } = (await response.json()) as { rows: { track_id: string; name: string; plays: number }[] }
  const [one, other] = songs
  if (!one || !other) throw new Error('There are too few songs')
  return [one, other] as const
}

const updated = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: 'Updating your figures' })).toBeHidden({ timeout: 60_000 })

const plays = (page: Page) =>
  page
    .getByLabel('Your plays')
    .locator('dl > div', { has: page.getByText('Plays', { exact: true }) })
    .locator('dd')
    .first()

test('the rule that counts is chosen in Settings and named on pages that count', async ({ pageOf }) => {
  const page = await pageOf('load-95')
  await twoSongs(page)
  const note = page.getByRole('link', { name: /^Counts / })
  for (const address of ['/overview', '/top/tracks', '/history', '/insights', `/recap/${new Date().getFullYear()}`]) {
    await page.goto(address)
    await expect(note).toHaveText('Counts plays of at least 30 seconds')
  }
  await note.click()
  const counting = panel(page, 'What counts as a play')
  await expect(counting.getByRole('radio', { name: 'At least 30 seconds' })).toBeChecked()
  // Not `check`: the choice shows once React has drawn it.
  await counting.getByRole('radio', { name: 'Every play' }).click()
  await expect(counting.getByRole('radio', { name: 'Every play' })).toBeChecked()
  const skips = counting.getByRole('switch', { name: 'Count plays that you skipped' })
  await expect(skips).toBeEnabled()
  await skips.click({ force: true })
  await expect(skips).not.toBeChecked()
  await expect(counting.getByText('Spotify’s developer policy (III.5)')).toBeVisible()
  await updated(page)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.reload()
  await expect(counting.getByRole('radio', { name: 'Every play' })).toBeChecked()
  await page.goto('/overview')
  await expect(note).toHaveText('Counts every play, without skips')
})

test('two songs count together, at both addresses, and separately again', async ({ pageOf }) => {
  const page = await pageOf('load-96')
  const [one, other] = await twoSongs(page)
  await page.goto(`/tracks/${one.track_id}?period=all`)
  const recording = panel(page, 'Same recording')
  await recording.getByRole('button', { name: 'Same recording as…' }).click()
  await recording.getByRole('combobox', { name: 'The same recording as' }).fill(other.name)
  await page
    .getByRole('option', { name: new RegExp(other.name) })
    .first()
    .click()
  await expect(recording.getByRole('listitem')).toHaveCount(1, { timeout: 60_000 })
  await expect(recording.getByRole('listitem')).toContainText('your choice')
  await expect(plays(page)).toHaveText(String(one.plays + other.plays))
  expect(await accessibilityProblems(page)).toEqual([])

  await page.goto(`/tracks/${other.track_id}?period=all`)
  await expect(page).toHaveURL(new RegExp(`/tracks/${one.track_id}`))
  await page.goto('/settings#recordings')
  const all = panel(page, 'Same recordings')
  await expect(all.getByRole('region', { name: 'Counted together' }).getByRole('listitem')).toHaveCount(2)

  await page.goto(`/tracks/${one.track_id}?period=all`)
  await recording.getByRole('button', { name: /^Count separately: / }).click()
  await expect(recording.getByRole('listitem')).toHaveCount(0, { timeout: 60_000 })
  await expect(plays(page)).toHaveText(String(one.plays))
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(recording.getByRole('listitem')).toHaveCount(1, { timeout: 60_000 })
  await expect(plays(page)).toHaveText(String(one.plays + other.plays))
})
