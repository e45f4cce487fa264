import { readEarlier } from './database.ts'
import { expect, test } from './fixtures.ts'
import { barriers, newestRun, panel } from './pages.ts'
import { signIn } from './sign-in.ts'
import { order } from './simulator.ts'
import {
  ask,
  check,
  expectInStep,
  extractionEnded,
  fillForm,
  type Names,
  namesOf,
  runPrinted,
  snowflake,
} from './snowflake-page.ts'

/** The listener's own Snowflake, against a server that speaks its protocol. */

// Faults that are ordered there are cleared for all of this file at once.
test.describe.configure({ mode: 'serial' })

const PAGE = '/connections/snowflake'

const LOADED = 'load-71'
const N = namesOf('LOADED')
const TABLE = `"${N.database}"."RAW"."USER_SAVED_TRACKS_STREAM"`

/** What the script mends when it is run again, or what mends itself. */
const TROUBLES: { check: string; says: RegExp; begin: (names: Names) => Promise<unknown> }[] = [
  {
    check: 'address',
    says: /account.*(Snowflake shows|Copy|identifier)/is,
    begin: ({ user }) => snowflake.order({ at: 'sign-in', user, times: 1, deed: { kind: 'status', status: 404 } }),
  },
  {
    check: 'sign-in',
    says: /key.*script/is,
    begin: ({ user }) => snowflake.runScript(`ALTER USER "${user}" UNSET RSA_PUBLIC_KEY;`),
  },
]

/** Each privilege that the script grants: without it one check fails and names the statement that mends it. */
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

// So that their first run ends while other tests are under way.
test.beforeAll(async ({ request }) => {
  await signIn(request, LOADED)
})

test('each field that is wrong says so before anything is asked', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-72')
  await page.goto(PAGE)
  await page.getByLabel('Role').fill('my role')
  await page.getByLabel('Authentication').selectOption('Programmatic access token')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText('Type the account identifier.')).toBeVisible()
  await expect(page.getByText('If yours is different, put it in "quotes".')).toBeVisible()
  await expect(page.getByText('Paste the token; Snowflake shows it once, when it is made.')).toBeVisible()
  await expect(page.getByText('Enter the day on which it ends')).toBeVisible()
  await expect(page.getByText('sign-in', { exact: true })).toHaveCount(0)
  await page.getByLabel('Account identifier').fill('https://app.snowflake.com/MyOrg/my_account/#/worksheets')
  await expect(page.getByText('MYORG-MY_ACCOUNT at myorg-my-account.snowflakecomputing.com')).toBeVisible()
})

test('each check that fails is named with its cause and remedy, and saves nothing', async ({ idlePageOf }) => {
  test.setTimeout(240_000)
  const page = await idlePageOf('load-72')
  const names = namesOf('CHECKED')
  await page.goto(PAGE)
  await fillForm(page, names)
  await runPrinted(page, 'Set-up script')
  const fails = async (name: string, says: RegExp | string, button = 'Test connection') => {
    await test.step(`${name} with ${button}`, async () => {
      await page.getByRole('button', { name: button, exact: true }).click()
      await expect(page.getByText(`The check "${name}" failed, so nothing was saved.`)).toBeVisible({ timeout: 30_000 })
      await expect(check(page, name)).toContainText('failed')
      await expect(check(page, name)).toContainText(says)
    })
  }
  for (const { check: name, privilege, from } of PRIVILEGES) {
    await snowflake.runScript(`REVOKE ${privilege(names)} FROM ${from(names)};`)
    await fails(name, /GRANT/)
    await runPrinted(page, 'Set-up script')
  }
  for (const { check: name, says, begin } of TROUBLES) {
    await begin(names)
    await fails(name, says)
    await runPrinted(page, 'Set-up script')
  }
  await snowflake.setAccount({ unpaid: true })
  await fails('warehouse', /payment/, 'Save')
  await snowflake.setAccount({ unpaid: false })
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText('Everything works.')).toBeVisible({ timeout: 30_000 })
  for (const name of ['address', 'write and read back', 'clean up', 'other schemas'])
    await expect(check(page, name)).toContainText(/ok · [\d.,]+ m?s/)
  await expect(check(page, 'reader role')).toContainText('Let BI tools read')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Connect your Snowflake' })).toBeVisible()
})

test('a listener connects with a key pair, and everything is loaded and in step', async ({ pageOf }) => {
  test.setTimeout(240_000)
  const page = await pageOf(LOADED)
  await extractionEnded(page)
  await page.goto('/connections')
  await page.getByRole('link', { name: 'Connect Snowflake' }).click()
  await fillForm(page, N)
  await page.getByRole('switch', { name: 'Let BI tools read' }).click()
  await page.getByLabel('Monthly credit limit').fill('2')
  await runPrinted(page, 'Set-up script')
  await page.getByLabel('How often to load').selectOption('hourly')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Load now' })).toBeVisible({ timeout: 30_000 })
  await expect(check(page, 'reader role')).toContainText('ok')
  await expectInStep(page)
  await expect(panel(page, 'Loading').getByLabel('How often to load')).toHaveValue('hourly')

  const inSnowflake = Number(await ask(`SELECT COUNT(*) AS "N" FROM ${TABLE};`))
  expect(inSnowflake).toBeGreaterThan(0)
  await expect(panel(page, 'Is it in step?').getByRole('row', { name: /^Liked songs\s*USER/ })).toContainText(
    new RegExp(`${inSnowflake.toLocaleString('en-US')}$`),
  )
  await expect(panel(page, 'What does it cost?')).toContainText(/[\d.]+ credits in 30 days/)
  await panel(page, 'Loads').getByRole('listitem').first().getByRole('link').click()
  await expect(page.getByRole('definition').filter({ hasText: 'Load into Snowflake' })).toBeVisible()
  expect(await (await page.request.get('/api/warehouse')).text()).not.toContain('PRIVATE')
})

test('a connected Snowflake can be looked after by everybody, on a phone too', async ({ pageOf }) => {
  const page = await pageOf(LOADED)
  await page.goto(PAGE)
  await expectInStep(page)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await barriers(page), colorScheme).toEqual([])
  }
  await page.getByRole('button', { name: 'Disconnect Snowflake' }).click()
  await page.getByRole('radio', { name: 'Drop the tables, with a script' }).check()
  expect(await barriers(page), 'dialog').toEqual([])
  await page.getByRole('button', { name: 'Keep it connected' }).click()
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

test('the key is changed without a gap', async ({ pageOf }) => {
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

test('a warehouse that is down for several runs delays, and loses and doubles nothing', async ({ pageOf }) => {
  test.setTimeout(300_000)
  const page = await pageOf(LOADED)
  const songs = () => ask(`SELECT COUNT(*) || ' ' || COUNT(DISTINCT "ID") AS "N" FROM ${TABLE};`)
  const before = await songs()
  await snowflake.order({ at: 'sign-in', user: N.user, deed: { kind: 'status', status: 503 } })
  for (let run = 0; run < 2; run++) {
    await order({ changes: [{ what: 'like', listener: LOADED }] })
    await readEarlier('Load 71', 11)
    await page.goto('/runs')
    await page.getByRole('button', { name: 'Run now' }).click()
    await expect(newestRun(page)).toContainText('Started by', { timeout: 20_000 })
    await extractionEnded(page)
    await page.goto(PAGE)
    await page.getByRole('button', { name: 'Load now' }).click()
    await expect(panel(page, 'Your Snowflake').getByText('waiting', { exact: true })).toBeVisible({ timeout: 60_000 })
  }
  await expect(page.getByText('Snowflake has to wait:')).toBeVisible()
  await expect(
    panel(page, 'Is it in step?')
      .getByText(/^behind by \d+ reads?$/)
      .first(),
  ).toBeVisible()
  expect(await songs()).toBe(before)

  await snowflake.clearFaults()
  await page.getByRole('button', { name: 'Load now' }).click()
  await expectInStep(page)
  await expect(page.getByText('Snowflake has to wait:')).toBeHidden()
  const [rows, distinct] = ((await songs()) ?? '').split(' ')
  expect(rows).toBe(distinct)
  expect(await songs()).not.toBe(before)
})

test('disconnecting asks about the tables, leaves them, and breaks nothing', async ({ pageOf }) => {
  const page = await pageOf(LOADED)
  const before = await ask(`SELECT COUNT(*) AS "N" FROM ${TABLE};`)
  await page.goto(PAGE)
  await page.getByRole('button', { name: 'Disconnect Snowflake' }).click()
  const dialog = page.getByRole('dialog', { name: 'Disconnect Snowflake' })
  await dialog.getByRole('radio', { name: /except the database/ }).check()
  await expect(dialog.getByRole('region', { name: 'Script that drops' })).toContainText(
    `DROP USER IF EXISTS "${N.user}"`,
  )
  await dialog.getByRole('button', { name: 'Disconnect Snowflake' }).click()
  await expect(page.getByRole('heading', { name: 'Connect your Snowflake' })).toBeVisible()
  expect(await ask(`SELECT COUNT(*) AS "N" FROM ${TABLE};`)).toBe(before)
  await page.goto('/overview')
  await expect(panel(page, 'Which songs do you play most?').getByRole('listitem')).toHaveCount(5)
  await readEarlier('Load 71', 11)
  await page.goto('/runs')
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(newestRun(page).getByRole('link', { name: /^Started by/ })).toBeVisible()
})
