import { z } from 'zod'
import { setCheck } from './database.ts'
import { expect, test } from './fixtures.ts'
import { accessibilityProblems, panel, sidebar } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

const Tables = z.object({
  tables: z.array(z.object({ schema: z.string(), name: z.string(), title: z.string(), rows: z.number().nullable() })),
})
const Me = z.object({ name: z.string() })

test('the catalog lists every table with its rows, and finds them by column', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/overview')
  await sidebar(page).getByRole('link', { name: 'Data', exact: true }).click()
  const catalog = panel(page, 'Tables')
  const { tables } = Tables.parse(await (await page.request.get('/api/tables')).json())
  await expect(catalog.getByRole('listitem')).toHaveCount(tables.length)
  const liked = catalog.getByRole('listitem').filter({ hasText: 'user_saved_tracks_stream' })
  const rows = tables.find(({ name }) => name === 'user_saved_tracks_stream')?.rows ?? 0
  await expect(liked).toContainText(`${new Intl.NumberFormat('en').format(rows)} rows`)

  await page.getByRole('searchbox').fill('first_played_at')
  await expect(page).toHaveURL('/data?search=first_played_at')
  await expect(catalog.getByRole('listitem').filter({ hasText: 'dim_albums' })).toBeVisible()
  await expect(liked).toBeHidden()
  await page.reload()
  await expect(catalog.getByRole('listitem').filter({ hasText: 'dim_albums' })).toBeVisible()
  await page.getByRole('searchbox').fill('%_" nothing is called this 🌊')
  await expect(catalog.getByText('No table or column matches')).toBeVisible()

  // Not all of them while the test of a failed check runs.
  await expect(panel(page, 'Checks')).toContainText(/\d+ checks passed/)
  await expect(panel(page, 'Last builds')).toContainText(/\d+ passed/)
})

test('the lineage leads from a stream to the charts by keyboard', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/data?table=raw.plays')
  await expect(panel(page, 'Lineage')).toContainText('Recently played')
  for (const [table, title] of [
    ['staging.stg_plays', 'Plays from all sources'],
    ['analytical.fct_plays', 'Plays'],
  ] as const) {
    const link = panel(page, 'Lineage').locator(`a[href="/data?table=${table}"]`)
    await link.focus()
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(`/data?table=${table}`)
    await expect(page.getByRole('heading', { level: 2, name: title, exact: true })).toBeVisible()
  }
  await expect(page.getByText('Charts that read it:')).toBeVisible()
  await expect(panel(page, 'Columns')).toContainText('The first artist of the song')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download Plays as JSON' }).click(),
  ])
  expect(file.suggestedFilename()).toMatch(/^fct_plays-[\d-]+\.json$/)
  await page.goBack()
  await expect(page).toHaveURL('/data?table=staging.stg_plays')
  await page.goto('/data?table=raw.nothing%20"<b>')
  await expect(page.getByText('There is no table')).toBeVisible()
  await page.getByRole('link', { name: 'All tables' }).click()
  await expect(panel(page, 'Last builds')).toBeVisible()
})

test('a failed check is shown in plain words, with its tables', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  const { name } = Me.parse(await (await page.request.get('/api/me')).json())
  await setCheck(name, 'every_play_has_its_song', { state: 'failed', failing: 12 })
  try {
    await page.goto('/data')
    const checks = panel(page, 'Checks')
    await expect(checks).toContainText('1 check failed')
    await expect(checks).toContainText('12 plays name a song that nothing describes')
    await expect(checks).toContainText('The song returns with the next sync that contains it')
    await expect(checks.getByText('every_play_has_its_song')).toBeHidden()
    expect(await accessibilityProblems(page)).toEqual([])
    await checks.getByRole('link', { name: 'Plays', exact: true }).click()
    await expect(panel(page, 'Checks')).toContainText('12 plays name a song')
  } finally {
    await setCheck(name, 'every_play_has_its_song', { state: 'passed', failing: 0 })
  }
})
