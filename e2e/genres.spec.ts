import { z } from 'zod'
import { cancelRun, expect, test } from './fixtures.ts'
import { accessibilityProblems, panel } from './pages.ts'

const Genres = z.object({ artists: z.array(z.object({ id: z.string(), name: z.string(), plays: z.number() })) })

test('own genres count on the genres page, lead to their artists, and can be undone', async ({ pageOf }) => {
  const page = await pageOf('load-94')
  const listed = async () =>
    Genres.parse(await (await page.request.get('/api/genres', { params: { show: 'all' } })).json()).artists
  // Once the models are built.
  await expect(async () => expect((await listed()).length).toBeGreaterThan(1)).toPass()
  await cancelRun(page.request)
  const [artist] = await listed()
  if (!artist) throw new Error('There are no artists')

  await page.goto(`/artists/${artist.id}`)
  const hero = page.getByRole('region', { name: 'Artist', exact: true })
  await hero.getByRole('button', { name: /^(Add|Edit the) genres of / }).click()
  const field = hero.getByRole('textbox', { name: `Genres of ${artist.name}` })
  await field.fill('Bothy Ballads,  Test Folk ,')
  await field.press('Enter')
  await expect(hero).toContainText('bothy ballads, test folk · your own')
  await expect(hero.getByRole('button', { name: 'Undo' })).toBeVisible()
  expect(await accessibilityProblems(page)).toEqual([])

  await expect(async () => {
    await page.goto('/top/genres?period=all')
    await expect(panel(page, 'Top genres').getByRole('link', { name: 'bothy ballads' })).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await expect(panel(page, 'Plays with a genre')).toContainText('% of your plays have a genre.')
  await panel(page, 'Top genres').getByRole('link', { name: 'bothy ballads' }).click()
  await expect(page).toHaveURL(/\/top\/artists\?genre=bothy\+ballads&period=all/)
  await expect(panel(page, 'Top artists').getByRole('listitem')).toHaveCount(1)
  await expect(panel(page, 'Top artists')).toContainText(artist.name)
  await page.getByRole('link', { name: 'Show all artists' }).click()
  await expect(panel(page, 'Top artists').getByRole('listitem').nth(1)).toBeVisible()

  await page.goto(`/artists/${artist.id}`)
  await hero.getByRole('button', { name: `Edit the genres of ${artist.name}` }).click()
  await hero.getByRole('button', { name: 'Remove my own' }).click()
  await expect(hero).not.toContainText('your own')
  await hero.getByRole('button', { name: 'Undo' }).click()
  await expect(hero).toContainText('bothy ballads, test folk · your own')
})
