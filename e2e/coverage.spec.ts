import type { Page } from '@playwright/test'
import { z } from 'zod'
import { DAY } from '#lib/core/durations.ts'
import { extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { setMissedPlays } from './database.ts'
import { lastPlay } from './every-page.ts'
import { cancelRun, expect, test } from './fixtures.ts'
import { accessibilityProblems, panel } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

const Coverage = z.object({
  days: z.array(z.object({ day: z.string(), state: z.string() })),
  holes: z.array(z.object({ from: z.string(), to: z.string(), cause: z.string() })),
})

const coverageOf = async (page: Page) => Coverage.parse(await (await page.request.get('/api/coverage')).json())

const tile = (page: Page, name: string) =>
  page.locator('dl > div', { has: page.getByText(name, { exact: true }) }).first()

/** Opens a page of a listener whose plays have arrived. */
async function openWithPlays(page: Page): Promise<void> {
  await expect(async () => {
    await page.goto('/history')
    await expect(panel(page, 'Plays').getByRole('listitem').nth(4)).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await cancelRun(page.request)
}

/** Imports an export that spans the hole. It ends with it, so that hardly any synced plays are in its time. */
async function importHole(page: Page): Promise<void> {
  const [hole] = (await coverageOf(page)).holes
  const until = Date.parse(hole?.to ?? '')
  const plays = [...madePlays({ plays: 2_000, from: Date.parse(hole?.from ?? '') - 2 * DAY, until })]
  const rows = [...plays, ...plays.slice(-1).map((play) => ({ ...play, at: until }))].map((play) => extendedRow(play))
  const file = { name: 'my_spotify_data.zip', mimeType: 'application/zip', buffer: zipOf([...extendedMembers(rows)]) }
  expect((await page.request.post('/api/imports', { multipart: { files: file } })).status()).toBe(202)
  await expect.poll(async () => (await coverageOf(page)).holes, { timeout: 60_000 }).toEqual([])
}

test('totals over missed plays say “at least” on every page that counts, until an import fills the hole', async ({
  pageOf,
}) => {
  const page = await pageOf('load-48')
  await openWithPlays(page)
  await setMissedPlays('Load 48')
  const { tracks } = await lastPlay(page)
  const note = page.getByText(/Totals are “at least”/)
  const year = new Date().getFullYear()
  const pages = [
    ['/overview', 'Plays'],
    ['/top/tracks', null],
    ['/insights?period=28d', null],
    ['/history?period=28d', null],
    [`/tracks/${tracks}?period=28d`, 'Plays'],
    [`/recap/${year}`, 'Songs'],
  ] as const
  for (const [address, figure] of pages) {
    await page.goto(address)
    await expect(note, address).toBeVisible()
    if (figure) await expect(tile(page, figure)).toContainText('at least')
  }
  await expect(tile(page, 'New artists')).not.toContainText('at least')
  await expect(page.getByRole('img', { name: /music.*at least/ })).toBeVisible()
  await page.goto('/overview?period=today&compare=none')
  await expect(panel(page, 'Minutes listened')).toBeVisible()
  await expect(note).toHaveCount(0)

  await importHole(page)
  for (const [address, figure] of pages) {
    await page.goto(address)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(note, address).toHaveCount(0)
    if (figure) await expect(tile(page, figure)).not.toContainText('at least')
  }
})

test('the calendar marks holes with a sign and a word, can be stepped by keyboard, and says what to request', async ({
  pageOf,
}) => {
  const page = await pageOf('load-49')
  await openWithPlays(page)
  await setMissedPlays('Load 49')
  const { days, holes } = await coverageOf(page)
  expect(holes).toMatchObject([{ cause: 'missed plays' }])
  await page.goto('/overview?period=28d')
  await page.getByRole('link', { name: 'What’s missing' }).click()
  await expect(page).toHaveURL(/\/data\?year=\d{4}#coverage$/)
  const coverage = panel(page, 'Coverage')
  const grid = coverage.getByRole('grid')
  await expect(grid.getByRole('gridcell')).toHaveCount(days.length)
  await expect(grid.getByRole('gridcell', { name: 'likely hole' })).toHaveCount(
    days.filter(({ state }) => state === 'likely hole').length,
  )
  await expect(coverage.getByRole('list', { name: 'Colors' })).toContainText('!likely hole')
  await grid.locator('[tabindex="0"]').focus()
  await page.keyboard.press('Home')
  await expect(page.locator(':focus')).toHaveAccessibleName(/^\w+day, \d+ \w+ \d{4}: [a-z]/)
  await expect(coverage).toContainText(/About \d+ days, .*, are missing: Spotify only returns the last 50 plays\./)
  await expect(coverage).toContainText('Request “Account data” (the last 12 months, usually within days)')
  await expect(coverage.getByRole('link', { name: 'import' })).toHaveAttribute('href', '/import')
  await expect(coverage.getByRole('link', { name: 'Spotify’s privacy page' })).toHaveAttribute(
    'href',
    'https://www.spotify.com/account/privacy/',
  )
  expect(await accessibilityProblems(page)).toEqual([])
  await coverage.getByRole('button', { name: 'Table' }).click()
  await expect(coverage.getByRole('row')).toHaveCount(days.length + 1)
  await expect(coverage.getByRole('row', { name: /likely hole/ }).first()).toBeVisible()
})

test('a listener whose syncs overlap sees no hole', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/data')
  await expect(panel(page, 'Coverage')).toContainText('Nothing is missing')
  await page.goto('/overview?period=all')
  await expect(tile(page, 'Plays')).not.toContainText('at least')
  await expect(page.getByText(/Totals are “at least”/)).toHaveCount(0)
})
