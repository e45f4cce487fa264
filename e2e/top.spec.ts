import { expect, test } from './fixtures.ts'
import { panel } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

const LIST = 'Top songs'

test('the range of Spotify’s ranking is in the address: tabs change it, back restores it, a link shows the same', async ({
  pageOf,
}) => {
  const page = await pageOf(RESIDENT)
  const tab = (name: string) => page.getByRole('navigation', { name: 'Range' }).getByRole('link', { name })
  await page.goto('/top/tracks?by=spotify')
  await expect(tab('4 weeks')).toHaveAttribute('aria-current', 'page')
  await tab('1 year').click()
  await expect(page).toHaveURL('/top/tracks?by=spotify&range=long')
  await expect(tab('1 year')).toHaveAttribute('aria-current', 'page')
  await expect(page.getByText('Spotify’s ranking for about the last year.')).toBeVisible()
  await page.getByRole('navigation', { name: 'Lists' }).getByRole('link', { name: 'Artists' }).click()
  await expect(page).toHaveURL('/top/artists?by=spotify&range=long')
  await expect(page.getByRole('heading', { name: 'Top artists', level: 1 })).toBeVisible()
  await page.goBack()
  await expect(page).toHaveURL('/top/tracks?by=spotify&range=long')
  await page.goBack()
  await expect(page).toHaveURL('/top/tracks?by=spotify')
  await expect(tab('4 weeks')).toHaveAttribute('aria-current', 'page')
  await page.goto('/top/tracks?by=spotify&range=medium')
  await expect(tab('6 months')).toHaveAttribute('aria-current', 'page')
  await page.goto('/top/tracks?by=spotify&range=nonsense')
  await expect(tab('4 weeks')).toHaveAttribute('aria-current', 'page')
})

test('tabs work by keyboard', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/top/artists?by=spotify')
  await page.getByRole('link', { name: '4 weeks' }).focus()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: '6 months' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL('/top/artists?by=spotify&range=medium')
  await expect(page.getByRole('link', { name: '6 months' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: '1 year' })).toBeFocused()
})

test('each chart has a table view with the same rows', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/top/tracks?by=spotify')
  const list = panel(page, LIST)
  const entries = list.getByRole('listitem')
  await expect(entries).toHaveCount(50)
  // Rank, change, name, artists and, where there is room, the album.
  const drawn = (await entries.allInnerTexts()).map((entry) => entry.split('\n').filter(Boolean))
  await list.getByRole('button', { name: 'Table' }).click()
  await expect(list.getByRole('button', { name: 'Table' })).toHaveAttribute('aria-pressed', 'true')
  const rows = await list.getByRole('row').allInnerTexts()
  expect(rows.slice(1).map((row) => row.split('\t')[0])).toEqual(drawn.map(([rank]) => rank))
  for (const [index, entry] of drawn.entries()) expect(entry).toContain(rows[index + 1]?.split('\t')[2])

  const lines = panel(page, 'Top 10 songs, day by day')
  await expect(lines.getByRole('application', { name: 'Ranks by day' })).toBeVisible()
  await lines.getByRole('button', { name: 'Table' }).click()
  await expect(lines.getByRole('columnheader')).toHaveText(['Day', 'Rank', 'Name'])
  // Ten ranks on each of thirty past days and today.
  expect(await lines.getByRole('row').count()).toBeGreaterThan(300)
})

test('own plays can be searched, sorted and looked at for any period, all in the address', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/top/tracks?period=all')
  const entries = panel(page, LIST).getByRole('listitem')
  await expect(entries.first()).toContainText(/\d plays?/)
  const names = await entries.getByRole('link').allInnerTexts()
  const last = names.at(-1) ?? ''
  await page.getByRole('searchbox', { name: 'Search this list' }).fill(last.toUpperCase())
  await expect(entries.getByRole('link', { name: last, exact: true })).toBeVisible()
  await expect(page).toHaveURL(/period=all.*search=/)
  await page.reload()
  await expect(page.getByRole('searchbox', { name: 'Search this list' })).toHaveValue(last.toUpperCase())
  await expect(entries.getByRole('link', { name: last, exact: true })).toBeVisible()

  await page.getByRole('button', { name: 'Clear the search' }).click()
  await page.getByRole('combobox', { name: 'Order' }).selectOption('Name')
  await expect(page).toHaveURL(/sort=name/)
  await expect(entries).toHaveCount(names.length)
  await page.getByRole('navigation', { name: 'Lists' }).getByRole('link', { name: 'Albums' }).click()
  await expect(page).toHaveURL('/top/albums?period=all&compare=previous')
  await expect(panel(page, 'Top albums').getByRole('listitem').first()).toBeVisible()
})

test('nothing leads to pages that the made-up music does not have', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  for (const address of ['/overview', '/top/tracks?by=spotify', '/top/artists?by=spotify']) {
    await page.goto(address)
    await expect(page.getByRole('listitem').first()).toBeVisible()
    await expect(page.getByRole('main').locator('a[target="_blank"]')).toHaveCount(0)
  }
})

test('the top 10 names its lines at their ends, and what entered and left', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/top/tracks?by=spotify')
  const [first = ''] = await panel(page, LIST).getByRole('listitem').locator('[class*=name]').allInnerTexts()
  const lines = panel(page, 'Top 10 songs, day by day')
  await expect(lines.locator('svg text', { hasText: first.slice(0, 26) })).toBeVisible()
  await expect(lines.getByRole('heading', { name: 'Left' })).toBeVisible()
  await expect(lines.getByText(/, peak \d/).first()).toBeVisible()
})
