import { lastPlay } from './every-page.ts'
import { expect, test } from './fixtures.ts'
import { panel } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

test('a song leads to its artist and album, and an unknown id to the search', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  const { tracks, artists, albums } = await lastPlay(page)
  await page.goto(`/tracks/${tracks}`)
  const song = page.getByRole('region', { name: 'Song', exact: true })
  await song.getByRole('link').first().click()
  await expect(page).toHaveURL(`/artists/${artists}`)
  await expect(panel(page, 'Songs').getByRole('listitem').first()).toBeVisible()
  await panel(page, 'Albums').getByRole('link').first().click()
  await expect(page).toHaveURL(/\/albums\//)
  await page.goto(`/albums/${albums}`)
  await expect(panel(page, 'Plays').getByRole('listitem').first()).toBeVisible()

  const missing = await page.goto('/albums/nothing')
  expect(missing?.status()).toBe(404)
  await page.getByRole('button', { name: 'Search' }).last().click()
  await expect(page.getByRole('dialog', { name: 'Search' })).toBeVisible()
})

test('the search opens, finds and goes by keyboard alone', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/overview')
  const { tracks } = await lastPlay(page)
  const { name } = await (await page.request.get(`/api/tracks/${tracks}`)).json()
  // The shortcut works once the page is hydrated.
  const dialog = page.getByRole('dialog', { name: 'Search' })
  await expect(async () => {
    await page.keyboard.press('Control+k')
    await expect(dialog).toBeVisible({ timeout: 500 })
  }).toPass()
  await expect(dialog.getByRole('textbox')).toBeFocused()
  await expect(dialog.getByRole('option', { name: 'Settings' })).toBeVisible()
  await page.keyboard.type(name)
  await expect(dialog.getByRole('group', { name: 'Songs' }).getByRole('option', { name }).first()).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/tracks\//)
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
  await expect(dialog).toBeHidden()

  await page.keyboard.press('Control+k')
  await expect(dialog.getByRole('textbox')).toBeFocused()
  await page.keyboard.type('100% "nowhere" 🦋')
  await expect(dialog.getByText('Nothing found')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})
