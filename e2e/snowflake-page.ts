import { expect, type Locator, type Page } from '@playwright/test'
import { z } from 'zod'
import { remoteSnowflake } from '#testing/snowflake/remote.ts'
import { SNOWFLAKE } from './instance.ts'
import { panel } from './pages.ts'

/** What tests do on /connections/snowflake, and in the Snowflake behind it. */

export const snowflake = remoteSnowflake(SNOWFLAKE)

/** How the account of the Snowflake for tests is written in Snowsight's copy button. */
const ACCOUNT_AS_COPIED = 'TRACKLAKE.TEST'

export interface Names {
  user: string
  role: string
  warehouse: string
  database: string
}

/** Names that no other test uses. */
export function namesOf(who: string): Names {
  return { user: `${who}_USER`, role: `${who}_ROLE`, warehouse: `${who}_WH`, database: `${who}_DB` }
}

export async function fillForm(page: Page, { user, role, warehouse, database }: Names): Promise<void> {
  await page.getByLabel('Account identifier').fill(ACCOUNT_AS_COPIED)
  await page.getByLabel('User').fill(user)
  await page.getByLabel('Role').fill(role)
  await page.getByLabel('Warehouse').fill(warehouse)
  await page.getByLabel('Database').fill(database)
  await expect(page.getByLabel('Schema')).toHaveValue('RAW')
}

/** Runs a script of the page as a person does who copies it into a worksheet. */
export async function runPrinted(page: Page, label: string): Promise<void> {
  await snowflake.runScript((await page.getByRole('region', { name: label }).textContent()) ?? '')
}

/** One of the checks under the form. */
export function check(page: Page, name: string): Locator {
  return panel(page, /^Connect/)
    .getByRole('listitem')
    .filter({ has: page.getByText(name, { exact: true }) })
}

/** Every table holds what the copy of the app holds. */
export async function expectInStep(page: Page): Promise<void> {
  const tables = panel(page, 'Is it in step?')
  await expect(panel(page, 'Your Snowflake')).toContainText('Everything that was read is loaded.', { timeout: 60_000 })
  await expect(tables.getByText(/behind|differs|not loaded/)).toHaveCount(0)
  await expect(tables.getByText('in step', { exact: true }).first()).toBeVisible()
}

/** The first cell that an administrator's question answers. */
export async function queryFirstCell(sql: string): Promise<string | null> {
  const [answer] = await snowflake.runScript(sql)
  return answer?.rows[0]?.[0] ?? null
}

const Runs = z.object({ runs: z.array(z.object({ kind: z.string(), state: z.string() })) })

/** Waits until the newest extraction has ended. */
export async function expectSyncEnded(page: Page): Promise<void> {
  const newest = async () => {
    const { runs } = Runs.parse(await (await page.request.get('/api/runs?limit=20')).json())
    return runs.find(({ kind }) => kind === 'extract')?.state
  }
  await expect.poll(newest, { timeout: 80_000 }).toMatch(/^(succeeded|incomplete|nothing new)$/)
}
