import { expect, test } from './fixtures.ts'
import { panel } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

const LIKED = 'Liked songs'

test('liked songs are counted, searched, sorted and paged, all in the address', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/library')
  const entries = panel(page, LIKED).getByRole('listitem')
  const tab = page.getByRole('navigation', { name: 'Library' }).getByRole('link', { name: LIKED })
  const count = Number((await tab.innerText()).replaceAll(/\D/g, ''))
  expect(count).toBeGreaterThan(0)
  const shown = Math.min(count, 100)
  await expect(entries).toHaveCount(shown)
  if (count > 100) {
    const of = page.getByText(`1–100 of ${new Intl.NumberFormat('en').format(count)}`)
    await expect(of).toBeVisible()
    await page.getByRole('link', { name: 'Next page' }).click()
    await expect(page).toHaveURL(/cursor=/)
    await expect(page.getByText('101–')).toBeVisible()
    await page.goBack()
    await expect(of).toBeVisible()
  }

  const name = (await entries.last().getByRole('link').first().innerText()).trim()
  await page.getByRole('searchbox').fill(name)
  await expect(page).toHaveURL(/search=/)
  await expect(page.getByRole('status').filter({ hasText: 'found' })).toBeVisible()
  await expect(entries.first()).toContainText(name)
  await page.reload()
  await expect(page.getByRole('searchbox')).toHaveValue(name)
  await expect(entries.first()).toContainText(name)

  await page.getByRole('searchbox').fill('%_" nothing is called this 🌊')
  await expect(page.getByText('0 songs found.')).toBeVisible()
})

test('the library says what it was first synced with', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/library')
  await page.getByRole('link', { name: 'Added and removed' }).click()
  await expect(page).toHaveURL('/library?tab=songs&view=changes')
  await expect(page.getByText(/First synced with [\d,]+ songs?\./)).toBeVisible()
  await expect(panel(page, 'Added and removed by month')).toBeVisible()
})

test('a playlist opens from its card by keyboard and lists its contents in order', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/playlists?sort=changed')
  const card = panel(page, 'Playlists').getByRole('link').first()
  const name = await card.innerText()
  await card.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  const first = panel(page, 'Songs').getByRole('listitem').first()
  await expect(first).toContainText('1')
  await page.getByRole('link', { name: 'What changed' }).click()
  await expect(page).toHaveURL(/view=changes/)
  await expect(page.getByText(/First synced with [\d,]+ songs?\./)).toBeVisible()
})

for (const id of ['unknown', '%20', "'; drop table"]) {
  test(`the playlist ${id} is not found`, async ({ pageOf }) => {
    const page = await pageOf(RESIDENT)
    const response = await page.goto(`/playlists/${encodeURIComponent(id)}`)
    expect(response?.status()).toBe(404)
    await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible()
  })
}
