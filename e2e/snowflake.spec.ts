import { backdateReads } from './database.ts'
import { expect, test } from './fixtures.ts'
import { accessibilityProblems, newestRun, panel } from './pages.ts'
import { signIn } from './sign-in.ts'
import { configureSpotify } from './simulator.ts'
import {
  check,
  expectSyncEnded,
  expectUpToDate,
  fillForm,
  type Names,
  namesOf,
  queryFirstCell,
  runPrinted,
  snowflake,
} from './snowflake-page.ts'

/** The listener's own Snowflake, against a test server that speaks its protocol. */

// Clearing faults clears them for this whole file.
test.describe.configure({ mode: 'serial' })

const PAGE = '/connections/snowflake'

const LOADED = 'load-71'
const N = namesOf('LOADED')
const TABLE = `"${N.database}"."RAW"."USER_SAVED_TRACKS_STREAM"`

/** Faults that running the script again fixes, or that end by themselves. */
const FAULTS: { check: string; says: RegExp; begin: (names: Names) => Promise<unknown> }[] = [
  {
    check: 'address',
    says: /account.*(Snowflake shows|Copy|identifier)/is,
    begin: ({ user }) =>
      snowflake.injectFault({ at: 'sign-in', user, times: 1, effect: { kind: 'status', status: 404 } }),
  },
  {
    check: 'sign-in',
    says: /key.*script/is,
    begin: ({ user }) => snowflake.runScript(`ALTER USER "${user}" UNSET RSA_PUBLIC_KEY;`),
  },
]

/** The privileges the script grants. Without one, a check fails and names the statement that fixes it. */
const PRIVILEGES: { check: string; privilege: (names: Names) => string; from: (names: Names) => string }[] = [
  { check: 'role', privilege: ({ role }) => `ROLE "${role}"`, from: ({ user }) => `USER "${user}"` },
  {
    check: 'warehouse',
    privilege: ({ warehouse }) => `USAGE ON WAREHOUSE "${warehouse}"`,
    from: ({ role }) => `ROLE "${role}"`,
  },
  {
    check: 'database',
    privilege: ({ database }) => `USAGE ON DATABASE "${database}"`,
    from: ({ role }) => `ROLE "${role}"`,
  },
  {
    check: 'schema',
    privilege: ({ database }) => `USAGE ON SCHEMA "${database}"."RAW"`,
    from: ({ role }) => `ROLE "${role}"`,
  },
  {
    check: 'create table',
    privilege: ({ database }) => `CREATE TABLE ON SCHEMA "${database}"."RAW"`,
    from: ({ role }) => `ROLE "${role}"`,
  },
]

// Their first sync ends while other tests run.
test.beforeAll(async ({ request }) => {
  await signIn(request, LOADED)
})

test('marks each invalid field before connecting', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-72')
  await page.goto(PAGE)
  await page.getByRole('textbox', { name: 'Role' }).fill('my role')
  await page.getByLabel('Authentication').selectOption('Programmatic access token')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText('Enter the account identifier.')).toBeVisible()
  await expect(page.getByText('If yours is different, put it in "quotes".')).toBeVisible()
  await expect(page.getByText('Paste the token. Snowflake shows it only once, when you create it.')).toBeVisible()
  await expect(page.getByText('Enter the date the token expires.')).toBeVisible()
  await expect(page.getByText('sign-in', { exact: true })).toHaveCount(0)
  await page.getByLabel('Account identifier').fill('acmecorp')
  await page.getByRole('button', { name: 'Use acmecorp.snowflakecomputing.com' }).click()
  await expect(page.getByText('ACMECORP.SNOWFLAKECOMPUTING.COM at acmecorp.snowflakecomputing.com')).toBeVisible()
  await page.getByLabel('Account identifier').fill('https://app.snowflake.com/MyOrg/my_account/#/worksheets')
  await expect(page.getByText('MYORG-MY_ACCOUNT at myorg-my-account.snowflakecomputing.com')).toBeVisible()
})

test('names each failed check with cause and remedy, and saves nothing', async ({ idlePageOf }) => {
  test.setTimeout(240_000)
  const page = await idlePageOf('load-72')
  const names = namesOf('CHECKED')
  await page.goto(PAGE)
  await fillForm(page, names)
  await runPrinted(page, 'Setup script')
  const fails = async (name: string, says: RegExp | string, button = 'Test connection') => {
    await test.step(`${name} with ${button}`, async () => {
      await page.getByRole('button', { name: button, exact: true }).click()
      await expect(page.getByText(`The "${name}" check failed. Nothing was saved`)).toBeVisible({ timeout: 30_000 })
      await expect(check(page, name)).toContainText('failed')
      await expect(check(page, name)).toContainText(says)
    })
  }
  for (const { check: name, privilege, from } of PRIVILEGES) {
    await snowflake.runScript(`REVOKE ${privilege(names)} FROM ${from(names)};`)
    await fails(name, /GRANT/)
    await runPrinted(page, 'Setup script')
  }
  for (const { check: name, says, begin } of FAULTS) {
    await begin(names)
    await fails(name, says, 'Save')
    await runPrinted(page, 'Setup script')
  }
  await snowflake.setAccount({ unpaid: true })
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText('Snowflake is slow or paused right now. You can save anyway')).toBeVisible({
    timeout: 30_000,
  })
  await expect(check(page, 'warehouse')).toContainText(/unconfirmed.*payment/s)
  await snowflake.setAccount({ unpaid: false })
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText('Everything works.')).toBeVisible({ timeout: 30_000 })
  for (const name of ['address', 'write and read back', 'clean up', 'other schemas'])
    await expect(check(page, name)).toContainText(/ok · [\d.,]+ m?s/)
  await expect(check(page, 'reader role')).toContainText('Let BI tools read')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Connect your Snowflake' })).toBeVisible()
})

test('connects with a key pair and loads everything', async ({ pageOf }) => {
  test.setTimeout(240_000)
  const page = await pageOf(LOADED)
  await expectSyncEnded(page)
  await page.goto('/connections')
  await page.getByRole('link', { name: 'Connect Snowflake' }).click()
  await fillForm(page, N)
  await page.getByRole('switch', { name: 'Let BI tools read' }).click()
  await page.getByLabel('Monthly credit limit').fill('2')
  await runPrinted(page, 'Setup script')
  await page.getByLabel('How often to load').selectOption('hourly')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Load now' })).toBeVisible({ timeout: 30_000 })
  await expect(check(page, 'reader role')).toContainText('ok')
  await expectUpToDate(page)
  await expect(panel(page, 'Loading').getByLabel('How often to load')).toHaveValue('hourly')

  const inSnowflake = Number(await queryFirstCell(`SELECT COUNT(*) AS "N" FROM ${TABLE};`))
  expect(inSnowflake).toBeGreaterThan(0)
  await expect(panel(page, 'Tables').getByRole('row', { name: /^Liked songs\s*USER/ })).toContainText(
    new RegExp(`${inSnowflake.toLocaleString('en-US')}$`),
  )
  await expect(panel(page, 'Cost')).toContainText(/[\d.]+ credits in 30 days/)
  await panel(page, 'Loads').getByRole('listitem').first().getByRole('link').click()
  await expect(page.getByRole('definition').filter({ hasText: 'Load into Snowflake' })).toBeVisible()
  expect(await (await page.request.get('/api/warehouse')).text()).not.toContain('PRIVATE')
})

test('the page of a connected Snowflake is accessible and fits a phone', async ({ pageOf }) => {
  const page = await pageOf(LOADED)
  await page.goto(PAGE)
  await expectUpToDate(page)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await accessibilityProblems(page), colorScheme).toEqual([])
  }
  await page.getByRole('button', { name: 'Disconnect Snowflake' }).click()
  await page.getByRole('radio', { name: 'Drop the tables with a script' }).check()
  expect(await accessibilityProblems(page), 'dialog').toEqual([])
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

test('rotates the key without a gap', async ({ pageOf }) => {
  const page = await pageOf(LOADED)
  await page.goto(PAGE)
  const keys = panel(page, 'Key pair')
  await expect(keys.getByText('RSA_PUBLIC_KEY', { exact: true })).toBeVisible()
  await keys.getByRole('button', { name: 'Rotate key' }).click()
  await keys.getByRole('button', { name: 'Use the new key' }).click()
  await expect(keys.getByText('failed')).toBeVisible({ timeout: 30_000 })
  await runPrinted(page, 'Script that registers the new key')
  await keys.getByRole('button', { name: 'Use the new key' }).click()
  await expect(keys.getByText('RSA_PUBLIC_KEY_2', { exact: true })).toBeVisible({ timeout: 30_000 })
  await runPrinted(page, 'Script that removes the old key')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText('Everything works.')).toBeVisible({ timeout: 30_000 })
})

test('loses and duplicates nothing while Snowflake is down for several syncs', async ({ pageOf }) => {
  test.setTimeout(300_000)
  const page = await pageOf(LOADED)
  const songs = () => queryFirstCell(`SELECT COUNT(*) || ' ' || COUNT(DISTINCT "ID") AS "N" FROM ${TABLE};`)
  const before = await songs()
  await snowflake.injectFault({ at: 'sign-in', user: N.user, effect: { kind: 'status', status: 503 } })
  for (let run = 0; run < 2; run++) {
    await configureSpotify({ changes: [{ what: 'like', listener: LOADED }] })
    await backdateReads('Load 71', 11)
    await page.goto('/runs')
    await page.getByRole('button', { name: 'Sync now' }).click()
    await expect(newestRun(page)).toContainText('Started by', { timeout: 20_000 })
    await expectSyncEnded(page)
    await page.goto(PAGE)
    await page.getByRole('button', { name: 'Load now' }).click()
    await expect(panel(page, 'Your Snowflake').getByText('waiting', { exact: true })).toBeVisible({ timeout: 60_000 })
  }
  await expect(page.getByText('Loading into Snowflake is on hold:')).toBeVisible()
  await expect(
    panel(page, 'Tables')
      .getByText(/^behind by \d+ updates?$/)
      .first(),
  ).toBeVisible()
  expect(await songs()).toBe(before)

  await snowflake.clearFaults()
  await page.getByRole('button', { name: 'Load now' }).click()
  await expectUpToDate(page)
  await expect(page.getByText('Loading into Snowflake is on hold:')).toBeHidden()
  const [rows, distinct] = ((await songs()) ?? '').split(' ')
  expect(rows).toBe(distinct)
  expect(await songs()).not.toBe(before)
})

test('disconnecting offers scripts for the tables and leaves them alone', async ({ pageOf }) => {
  const page = await pageOf(LOADED)
  const before = await queryFirstCell(`SELECT COUNT(*) AS "N" FROM ${TABLE};`)
  await page.goto(PAGE)
  await page.getByRole('button', { name: 'Disconnect Snowflake' }).click()
  const dialog = page.getByRole('dialog', { name: 'Disconnect Snowflake' })
  await dialog.getByRole('radio', { name: /except the database/ }).check()
  await expect(dialog.getByRole('region', { name: 'Drop script' })).toContainText(`DROP USER "${N.user}"`)
  await expect(dialog.getByText('The result lists what it dropped and what it kept.')).toBeVisible()
  await dialog.getByRole('button', { name: 'Disconnect Snowflake' }).click()
  await expect(page.getByRole('heading', { name: 'Connect your Snowflake' })).toBeVisible()
  expect(await queryFirstCell(`SELECT COUNT(*) AS "N" FROM ${TABLE};`)).toBe(before)
  await page.goto('/overview')
  await expect(panel(page, 'Spotify’s top songs, 4 weeks').getByRole('listitem')).toHaveCount(5)
  await backdateReads('Load 71', 11)
  await page.goto('/runs')
  await page.getByRole('button', { name: 'Sync now' }).click()
  await expect(newestRun(page).getByRole('link', { name: /^Started by/ })).toBeVisible()
})
