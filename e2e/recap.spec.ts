import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { panel } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

const PLAYS = /^[\d,]+ plays?$/

/** The year of the address that /recap leads to. */
async function openNewest(page: Page): Promise<string> {
  await page.goto('/recap')
  await expect(page).toHaveURL(/\/recap\/\d{4}$/)
  return page.url().slice(-4)
}

test('the recap leads to the newest year with plays, and its numbers to what they count', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  const year = await openNewest(page)
  await expect(page.getByRole('heading', { name: year, level: 1 })).toBeVisible()
  const glance = page.getByRole('region', { name: `${year} at a glance` })
  const plays = Number((await glance.getByRole('link', { name: PLAYS }).innerText()).replaceAll(/\D/g, ''))
  expect(plays).toBeGreaterThan(0)

  await panel(page, 'Month by month').getByRole('button', { name: 'Table' }).click()
  const months = panel(page, 'Month by month').getByRole('row')
  await expect(months).toHaveCount(13)
  const ofMonths = await months.evaluateAll((rows) =>
    rows.slice(1).map((row) => Number(row.querySelector('[data-numeric]')?.textContent?.replaceAll(/\D/g, ''))),
  )
  expect(ofMonths.reduce((sum, one) => sum + one, 0)).toBe(plays)

  await panel(page, 'Month by month').getByRole('button', { name: 'Table' }).click()
  await panel(page, 'Month by month')
    .getByRole('link', { name: /: \d+ plays?,/ })
    .first()
    .focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/history\\?from=${year}-\\d\\d-\\d\\d&to=${year}-`))
  await page.goBack()
  await glance.getByRole('link', { name: PLAYS }).click()
  await expect(page).toHaveURL(new RegExp(`/history\\?from=${year}-01-01&to=${year}-`))
})

test('songs, artists and albums of a year are those of the top lists', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  const year = await openNewest(page)
  const names = await panel(page, 'Top artists').getByRole('listitem').getByRole('link').allInnerTexts()
  expect(names.length).toBeGreaterThan(0)
  await expect(page.getByRole('region', { name: /^Artist (so far|of the year)$/ })).toContainText(names[0] ?? '')
  await panel(page, 'Top artists').getByRole('link', { name: 'All artists' }).click()
  await expect(page).toHaveURL(new RegExp(`/top/artists\\?from=${year}-01-01`))
  const listed = panel(page, 'Top artists').getByRole('listitem').getByRole('link')
  await expect(listed.first()).toHaveText(names[0] ?? '')
  expect((await listed.allInnerTexts()).slice(0, names.length)).toEqual(names)
})

test('the card of a year is saved as a picture with the same names', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  const year = await openNewest(page)
  const card = panel(page, 'Share card').getByRole('img')
  const [artist = ''] = await panel(page, 'Top artists').getByRole('listitem').getByRole('link').allInnerTexts()
  expect(artist).not.toBe('')
  await expect(card).toHaveAttribute('aria-label', new RegExp(`^${year} in music`))
  expect(await card.getAttribute('aria-label')).toContain(`Top artists: ${artist}`)
  await expect(card).toHaveAttribute('aria-label', /Counts plays of at least 30 seconds/)
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    panel(page, 'Share card').getByRole('button', { name: 'Save as PNG' }).click(),
  ])
  expect(file.suggestedFilename()).toBe(`tracklake-${year}.png`)
  const bytes = readFileSync(await file.path())
  const decoded = await page.evaluate(
    async (source) => {
      const image = new Image()
      image.src = source
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = image.naturalWidth
      canvas.height = image.naturalHeight
      const context = canvas.getContext('2d')
      context?.drawImage(image, 0, 0)
      /** The strongest red of a part, which shows whether something is written there. */
      const lightest = (y: number, height: number) => {
        const pixels = context?.getImageData(0, y, canvas.width, height).data ?? []
        let most = 0
        for (let at = 0; at < pixels.length; at += 4) most = Math.max(most, pixels[at] ?? 0)
        return most
      }
      return {
        size: [canvas.width, canvas.height],
        head: lightest(100, 200),
        names: lightest(900, 300),
        source: lightest(1280, 40),
      }
    },
    `data:image/png;base64,${bytes.toString('base64')}`,
  )
  expect(decoded.size).toEqual([1080, 1350])
  // The year is in the accent color, names and source are light.
  expect(decoded.head).toBeGreaterThan(100)
  expect(decoded.names).toBeGreaterThan(200)
  expect(decoded.source).toBeGreaterThan(150)
})

test('a year without plays leads to those that have some', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  const year = await openNewest(page)
  await page.goto('/recap/2010')
  await expect(panel(page, 'Nothing played in 2010')).toContainText('Tracklake knows no plays in 2010.')
  await page.getByRole('link', { name: 'Next year' }).click()
  await expect(page).not.toHaveURL(/2010/)
  await page.goto('/recap/2010')
  await panel(page, 'Nothing played in 2010').getByRole('link', { name: year }).click()
  await expect(page).toHaveURL(`/recap/${year}`)
  await expect(panel(page, 'Month by month')).toBeVisible()
})

test('what is no year of a listener has no page', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  for (const year of ['0', '9999', 'abc', '2005', '20260', '%00', '2026-01']) {
    const response = await page.goto(`/recap/${year}`)
    expect([400, 404], year).toContain(response?.status())
  }
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible()
})
