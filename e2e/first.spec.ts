import { expect, test } from './fixtures.ts'
import { expectSameDocument, markDocument, newestRun, openConsentPage, panel, sidebar } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

/** Runs on an empty instance, before all other tests, which use its listeners and data. */

test.describe.configure({ mode: 'serial' })

test('the first listener signs in, watches the first sync, sees charts and cancels the sync', async ({ page }) => {
  await test.step('consent', async () => {
    await openConsentPage(page)
    for (const name of ['Juniper', 'quiet-fern', 'Quill “the odd”'])
      await expect(page.getByRole('radio', { name })).toBeVisible()
    await page.getByRole('radio', { name: 'Juniper' }).check()
    await page.getByRole('button', { name: 'Agree' }).click()
    await expect(page).toHaveURL('/overview')
  })
  await test.step('live progress and the first chart', async () => {
    await markDocument(page)
    const progress = panel(page, 'Your first sync')
    await expect(progress.getByRole('progressbar', { name: 'Top songs, 4 weeks' })).toBeVisible()
    await expect(panel(page, 'Spotify’s top songs, 4 weeks').getByRole('listitem')).toHaveCount(5)
    await expectSameDocument(page)
  })
  await test.step('top songs with artwork; one day makes no lines yet', async () => {
    await sidebar(page).getByRole('link', { name: 'Top' }).click()
    await page.getByRole('link', { name: 'Spotify’s ranking' }).click()
    await expect(page.getByRole('heading', { name: 'Top songs', level: 1 })).toBeVisible()
    const picture = page.getByRole('listitem').getByRole('presentation').first()
    await expect(picture).toHaveJSProperty('complete', true)
    await expect(picture).not.toHaveJSProperty('naturalWidth', 0)
    await expect(panel(page, 'Top 10 songs, day by day')).toContainText('Fetching your data.')
    await expect(page.getByRole('application', { name: 'Ranks by day' })).toHaveCount(0)
  })
  await test.step('the first listener is the admin', async () => {
    await sidebar(page).getByRole('link', { name: 'Admin' }).click()
    await expect(page.getByRole('row', { name: /^Juniper \(admin\)/ })).toBeVisible()
  })
  await test.step('cancel', async () => {
    await sidebar(page).getByRole('link', { name: 'Sync' }).click()
    await markDocument(page)
    await newestRun(page).getByRole('button', { name: 'Cancel' }).click()
    await expect(newestRun(page)).toContainText('canceled')
    await expect(newestRun(page).getByRole('button', { name: 'Re-run' })).toBeVisible()
    await expectSameDocument(page)
  })
})

test('the page of a first sync updates live until it ends', async ({ pageOf }) => {
  test.setTimeout(360_000)
  const page = await pageOf(RESIDENT)
  await page.goto('/runs')
  await newestRun(page).getByRole('link', { name: 'At sign-in' }).click()
  await markDocument(page)
  const streams = panel(page, 'Progress')
  await expect(streams.getByRole('progressbar', { name: 'Liked songs' })).toBeVisible()
  await expect(page.getByRole('definition').filter({ hasText: /^succeeded|incomplete$/ })).toBeVisible({
    timeout: 300_000,
  })
  await expectSameDocument(page)
})
