import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { z } from 'zod'
import { EXAMPLES } from '#app/(dashboard)/sql/examples.ts'
import { expect, test } from './fixtures.ts'
import { ORIGIN } from './instance.ts'
import { accessibilityProblems, panel, sidebar } from './pages.ts'
import { RESIDENT } from './sign-in.ts'

const ENDLESS = 'with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t'
const NAME = 'days-since'

const editor = (page: Page) => page.getByRole('textbox', { name: 'SQL', exact: true })
const result = (page: Page) => panel(page, 'Result')

async function run(page: Page, sql: string): Promise<void> {
  await editor(page).fill(sql)
  await page.keyboard.press('Control+Enter')
}

// One after the other: canceling ends all queries of the listener.
test.describe.configure({ mode: 'default' })

test('a query is completed and run by keyboard, saved with a parameter, and called by a script', async ({
  pageOf,
  emptyPage,
}) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/overview')
  await sidebar(page).getByRole('link', { name: 'SQL', exact: true }).click()

  await editor(page).focus()
  await expect(page.locator('.cm-editor')).toBeVisible()
  await expect(editor(page)).toBeFocused()
  await page.keyboard.press('Control+A')
  await page.keyboard.type('select count(*) as sessions from analytical.fct_se')
  await expect(page.getByRole('option', { name: 'fct_sessions' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Tab')
  await expect(editor(page)).toHaveText('select count(*) as sessions from analytical.fct_sessions')
  await page.keyboard.press('Control+Enter')
  await expect(result(page)).toContainText(/1 row · \d/)
  // Nothing to accept: Tab leaves.
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeFocused()

  await run(page, 'select nothing from analytical.agg_days')
  await expect(panel(page, 'Query').getByRole('alert')).toContainText('"nothing" not found')
  await expect(result(page)).toContainText(/1 row · \d/)

  await run(page, `select range as n, null as nothing, 'x' || range as text from range(20000)`)
  await expect(result(page)).toContainText('First 10,000 rows of more')
  await expect(result(page).getByRole('cell', { name: 'NULL' }).first()).toBeVisible()
  expect(await result(page).getByRole('row').count()).toBeLessThan(60)
  await result(page).getByRole('region', { name: 'Table: result' }).press('End')
  await expect(result(page).getByRole('cell', { name: 'x9999' })).toBeVisible()
  await result(page).getByRole('button', { name: 'Open row 10000' }).click()
  await expect(result(page).getByRole('region', { name: 'Row 10,000' })).toContainText('x9999')

  await run(page, 'select cast($since as date) as since, count(*) as days from analytical.agg_days where day >= since')
  await expect(panel(page, 'Query').getByRole('alert')).toContainText('since')
  await page.getByRole('textbox', { name: '$since' }).fill('2020-02-29')
  await page.keyboard.press('Enter')
  await expect(result(page).getByRole('cell', { name: '2020-02-29' })).toBeVisible()

  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const form = page.getByRole('form', { name: 'Save query' })
  await form.getByRole('textbox', { name: 'Name' }).fill('not a name')
  await form.getByRole('button', { name: 'Save query' }).click()
  await expect(form).toContainText('because scripts call it by this name')
  await form.getByRole('textbox', { name: 'Name' }).fill(NAME)
  await form.getByRole('textbox', { name: 'Description' }).fill('Days in my calendar')
  await form.getByRole('button', { name: 'Save query' }).click()
  await expect(page).toHaveURL(`/sql?query=${NAME}`)
  await page.reload()
  await expect(panel(page, NAME)).toContainText('Days in my calendar')
  await page.getByText('Call it from a script').click()
  await expect(page.getByRole('region', { name: 'Command for a terminal' })).toContainText(
    `${ORIGIN}/api/queries/${NAME}`,
  )

  const made = await page.request.post('/api/tokens', {
    data: { name: 'queries', scopes: ['run saved queries'], days: 7 },
  })
  const { token } = z.object({ token: z.string() }).parse(await made.json())
  const script = (await emptyPage()).request
  const response = await script.get(`/api/queries/${NAME}?since=2020-03-01`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await response.json()).toMatchObject({ rows: [['2020-03-01', expect.anything()]], truncated: false })

  await page.getByRole('textbox', { name: '$since' }).fill('2020-02-29')
  await page.keyboard.press('Enter')
  await expect(result(page).getByRole('cell', { name: '2020-02-29' })).toBeVisible()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the result as CSV' }).click(),
  ])
  expect(file.suggestedFilename()).toBe(`${NAME}.csv`)
  expect(await readFile(await file.path(), 'utf8')).toContain('2020-02-29')

  await page.getByRole('button', { name: `Delete ${NAME}` }).click()
  await expect(page).toHaveURL('/sql')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('tab', { name: 'Saved' }).click()
  await page.getByRole('button', { name: new RegExp(NAME) }).click()
  await expect(panel(page, NAME)).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await accessibilityProblems(page), colorScheme).toEqual([])
  }
  await page.getByRole('button', { name: `Delete ${NAME}` }).click()
  await expect(page).toHaveURL('/sql?list=saved')
})

test('a slow query is canceled, and every example runs', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('/sql?list=history')
  await run(page, ENDLESS)
  await expect(page.getByText('Queries end after 10 s.')).toBeVisible()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await expect(page.getByText('Query canceled.')).toBeVisible()
  await expect(page.getByRole('tabpanel').getByRole('listitem').first()).toContainText('canceled')

  await page.getByRole('tab', { name: 'Examples' }).click()
  for (const { title } of EXAMPLES) {
    await page.getByRole('button', { name: title }).click()
    const since = page.getByRole('textbox', { name: '$since' })
    if (await since.isVisible()) await since.fill('2020-01-01')
    const response = page.waitForResponse('**/api/sql')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    expect([title, (await response).status()]).toEqual([title, 200])
    await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled()
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})
