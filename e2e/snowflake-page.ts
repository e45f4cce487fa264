import { expect, type Locator, type Page } from '@playwright/test'
import { z } from 'zod'
import { remoteSnowflake } from '#testing/snowflake/remote.ts'
import { SNOWFLAKE } from './instance.ts'
import { panel } from './pages.ts'

/** Helpers for /connections/snowflake and the Snowflake test server behind it. */

export const snowflake = remoteSnowflake(SNOWFLAKE)

/** The test account as Snowsight's copy button gives it. */
const ACCOUNT_AS_COPIED = 'TRACKLAKE.TEST'

export interface Names {
  user: string
  role: string
  warehouse: string
  database: string
}

/** Names that no other test uses. */
export function namesOf(prefix: string): Names {
  return { user: `${prefix}_USER`, role: `${prefix}_ROLE`, warehouse: `${prefix}_WH`, database: `${prefix}_DB` }
}

export async function fillForm(page: Page, { user, role, warehouse, database }: Names): Promise<void> {
  await page.getByLabel('Account identifier').fill(ACCOUNT_AS_COPIED)
  await page.getByLabel('User', { exact: true }).fill(user)
  await page.getByRole('textbox', { name: 'Role' }).fill(role)
  await page.getByLabel('Warehouse').fill(warehouse)
  await page.getByLabel('Database').fill(database)
  await expect(page.getByLabel('Schema')).toHaveValue('RAW')
}

/** Runs a script from the page, as if copied into a worksheet. */
export async function runPrinted(page: Page, label: string): Promise<void> {
  await snowflake.runScript((await page.getByRole('region', { name: label }).textContent()) ?? '')
}

/** One of the checks under the form. */
export function check(page: Page, name: string): Locator {
  return panel(page, /^Connect/)
    .getByRole('listitem')
    .filter({ has: page.getByText(name, { exact: true }) })
}

/** Waits until every table matches the app's copy. */
export async function expectUpToDate(page: Page): Promise<void> {
  const tables = panel(page, 'Tables')
  await expect(panel(page, 'Your Snowflake')).toContainText('Everything is loaded.', { timeout: 60_000 })
  await expect(tables.getByText(/behind|different|not loaded/)).toHaveCount(0)
  await expect(tables.getByText('up to date', { exact: true }).first()).toBeVisible()
}

/** The first cell of a query run as administrator. */
export async function queryFirstCell(sql: string): Promise<string | null> {
  const [result] = await snowflake.runScript(sql)
  return result?.rows[0]?.[0] ?? null
}

const Runs = z.object({ runs: z.array(z.object({ kind: z.string(), state: z.string() })) })

/** Waits until the newest sync has ended. */
export async function expectSyncEnded(page: Page): Promise<void> {
  const newest = async () => {
    const { runs } = Runs.parse(await (await page.request.get('/api/runs?limit=20')).json())
    return runs.find(({ kind }) => kind === 'extract')?.state
  }
  await expect.poll(newest, { timeout: 80_000 }).toMatch(/^(succeeded|incomplete|nothing new)$/)
}
