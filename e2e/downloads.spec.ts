import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { panel } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

const LINES = 'Top 10 songs, day by day'

/** Downloads a chart through its menu. */
async function download(page: Page, chart: string, item: string): Promise<{ name: string; bytes: Buffer }> {
  await panel(page, chart)
    .getByRole('button', { name: `Download ${chart}` })
    .click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()])
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) }
}

test('a list is downloaded as CSV only, with every field of its rows', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/top/tracks?by=spotify')
  const { name, bytes } = await download(page, 'Top songs', 'Table as CSV')
  expect(name).toBe('top-tracks-short.csv')
  const [head, ...lines] = bytes.toString().trimEnd().split('\r\n')
  expect(head).toMatch(/^\uFEFFrank,/)
  expect(lines).toHaveLength(50)
  await panel(page, 'Top songs').getByRole('button', { name: 'Download' }).click()
  await expect(page.getByRole('menuitem')).toHaveText(['Table as CSV'])
})

for (const colorScheme of ['dark', 'light'] as const) {
  test(`a drawing is downloaded as it looks in the ${colorScheme} theme`, async ({ pageOf }) => {
    const page = await pageOf(RESIDENT)
    await page.emulateMedia({ colorScheme })
    await page.goto('/top/tracks?by=spotify')
    const plot = panel(page, LINES).locator('svg.recharts-surface').first()
    await expect(plot).toBeVisible()
    const line = panel(page, LINES).locator('.recharts-line-curve').first()
    const color = await line.evaluate((node) => getComputedStyle(node).stroke)

    const svg = await download(page, LINES, 'Picture as SVG')
    expect(svg.name).toBe('top-tracks-ranks-short.svg')
    const text = svg.bytes.toString()
    expect(text).toContain(`<title>${LINES}</title>`)
    expect(text).toContain(color)
    expect(text).toContain('src:url(data:')
    expect(text).not.toMatch(/var\(|class=|<foreignObject/)
    for (const name of await panel(page, LINES).locator('[data-legend] li').allInnerTexts())
      expect(await shownTexts(page, text)).toContain(name)

    const png = await download(page, LINES, 'Picture as PNG')
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG')
    const [, width = ''] = /<svg[^>]* width="(\d+)"/.exec(text) ?? []
    expect(png.bytes.readUInt32BE(16)).toBe(2 * Number(width))
    // A picture of one color compresses to a few kB.
    expect(png.bytes.length).toBeGreaterThan(20_000)
  })
}

/** The texts of an SVG, as another reader finds them. */
function shownTexts(page: Page, svg: string): Promise<string[]> {
  return page.evaluate(
    (source) =>
      [...new DOMParser().parseFromString(source, 'image/svg+xml').querySelectorAll('text')].map(
        (node) => node.textContent ?? '',
      ),
    svg,
  )
}

test('the menu works by keyboard', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/top/tracks?by=spotify')
  await panel(page, 'Top songs').getByRole('button', { name: 'Download' }).focus()
  await page.keyboard.press('Enter')
  const item = page.getByRole('menuitem', { name: 'Table as CSV' })
  // The menu takes the focus a moment after it opens.
  await expect(async () => {
    await page.keyboard.press('ArrowDown')
    await expect(item).toBeFocused({ timeout: 200 })
  }).toPass()
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
  expect(file.suggestedFilename()).toBe('top-tracks-short.csv')
})

test('tables and the archive arrive whole, compressed or not', async ({ pageOf }) => {
  const { request } = await pageOf(RESIDENT)
  const table = await request.get('/api/tables/user_saved_tracks_stream.csv')
  expect(table.headers()['content-disposition']).toContain('attachment')
  const rows = await request.get('/api/tables/user_saved_tracks_stream.json')
  expect((await rows.json()).length).toBeGreaterThan(100)
  const zip = await (await request.get('/api/export.zip?format=parquet')).body()
  // The end of a ZIP archive says that all of it arrived.
  expect(zip.subarray(-22, -18).toString('latin1')).toBe('PK\x05\x06')
  expect(zip.includes('raw/user_saved_tracks_stream.parquet')).toBe(true)
})
