import { expect, test } from './fixtures.ts'
import { ORIGIN } from './instance.ts'
import { openConsentPage, sidebar } from './pages.ts'
import { RESIDENT } from './sign-in.ts'
import { configureSpotify } from './simulator.ts'

const QUILL = 'odd-quill'

test('explains a declined consent and offers to sign in again', async ({ page }) => {
  await openConsentPage(page)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page).toHaveURL('/sign-in?problem=refused')
  await expect(page.getByRole('heading', { name: 'You didn’t give your consent' })).toBeVisible()
  await page.getByRole('button', { name: 'Sign in with Spotify' }).click()
  await expect(page.getByRole('heading', { name: 'Connect a listener' })).toBeVisible()
})

test('a sign-in without its cookie starts over', async ({ page, context }) => {
  await openConsentPage(page)
  await context.clearCookies()
  await page.getByRole('button', { name: 'Agree' }).click()
  await expect(page).toHaveURL('/sign-in?problem=expired-state')
  await expect(page.getByRole('heading', { name: 'Your sign-in expired' })).toBeVisible()
})

test('explains each refusal by Spotify with a remedy, and signs in afterwards', async ({ page }) => {
  async function agree() {
    await openConsentPage(page)
    await page.getByRole('radio', { name: 'Quill' }).check()
    await page.getByRole('button', { name: 'Agree' }).click()
  }
  async function expectProblem(code: string, title: string, remedy: string) {
    await agree()
    await expect(page).toHaveURL(`/sign-in?problem=${code}`)
    await expect(page.getByRole('heading', { name: title })).toBeVisible()
    await expect(page.getByRole('main')).toContainText(remedy)
  }
  const onProfileRequest = { path: '^/v1/me$', listener: QUILL }

  await configureSpotify({ listeners: { [QUILL]: { allowed: false } } })
  await expectProblem(
    'not-registered',
    'Spotify doesn’t know you as a user of this app',
    'Or bring your own Spotify app',
  )
  await configureSpotify({ listeners: { [QUILL]: { allowed: true } } })

  const message = 'Active premium subscription required for the owner of the app.'
  await configureSpotify({ faults: [{ match: onProfileRequest, fault: { kind: 'status', status: 403, message } }] })
  await expectProblem('premium-lapsed', 'The operator’s Spotify Premium has lapsed', 'Ask the operator to renew it')

  await configureSpotify({ faults: [{ match: onProfileRequest, fault: { kind: 'status', status: 503 } }] })
  await expectProblem('spotify-unavailable', 'Spotify isn’t responding', 'Wait a few minutes')

  await agree()
  await expect(page).toHaveURL('/overview')
  await expect(page.getByRole('button', { name: /^Account menu for Quill/ })).toBeVisible()
})

test('redirects localhost to the address that Spotify redirects to', async ({ page }) => {
  await page.goto(`${ORIGIN.replace('127.0.0.1', 'localhost')}/sign-in?problem=refused`)
  await expect(page).toHaveURL('/sign-in?problem=refused')
  await page.goto(ORIGIN.replace('127.0.0.1', 'localhost'))
  await page.getByRole('button', { name: 'Sign in with Spotify' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page).toHaveURL('/sign-in?problem=refused')
})

test('signing in works by keyboard alone', async ({ page }) => {
  await page.goto('/sign-in')
  const button = page.getByRole('button', { name: 'Sign in with Spotify' })
  await tabTo(button)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Connect a listener' })).toBeVisible()
  await tabTo(page.getByRole('radio', { name: 'Juniper' }))
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('radio', { name: 'quiet-fern' })).toBeChecked()
  await tabTo(page.getByRole('button', { name: 'Agree' }))
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL('/overview')
  await expect(page.getByRole('button', { name: 'Account menu for quiet-fern' })).toBeVisible()

  async function tabTo(target: typeof button) {
    await expect(async () => {
      await page.keyboard.press('Tab')
      await expect(target).toBeFocused({ timeout: 100 })
    }).toPass({ intervals: [0] })
  }
})

test('two listeners at the same time each see their own data', async ({ pageOf }) => {
  const [one, other] = await Promise.all([pageOf('load-21'), pageOf('load-22')])
  await Promise.all([one.goto('/overview'), other.goto('/overview')])
  await expect(one.getByRole('button', { name: 'Account menu for Load 21' })).toBeVisible()
  await expect(other.getByRole('button', { name: 'Account menu for Load 22' })).toBeVisible()
  const first = (page: typeof one) =>
    page.getByRole('region', { name: 'Spotify’s top songs' }).getByRole('listitem').first()
  // Request slots are shared with the syncs of other tests.
  await expect(first(one)).toBeVisible({ timeout: 60_000 })
  await expect(first(other)).toBeVisible({ timeout: 60_000 })
  expect(await first(one).innerText()).not.toBe(await first(other).innerText())
})

test('warns a signed-in listener who comes back from Spotify as someone else', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Sign in with Spotify' }).click()
  await page.getByRole('radio', { name: 'quiet-fern' }).check()
  await page.getByRole('button', { name: 'Agree' }).click()
  await expect(page.getByRole('heading', { name: 'You’re now signed in as quiet-fern' })).toBeVisible()
  await page.getByRole('link', { name: 'Continue as quiet-fern' }).click()
  await expect(page).toHaveURL('/overview')
  await expect(page.getByRole('button', { name: 'Account menu for quiet-fern' })).toBeVisible()
})

test('signing out ends the session', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-23')
  await page.goto('/overview')
  await page.getByRole('button', { name: 'Account menu for Load 23' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'You’re signed out' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Sign in again' })).toBeVisible()
  await page.goto('/overview')
  await expect(page).toHaveURL('/')
  expect((await page.request.get('/api/me')).status()).toBe(401)
})

test('signing out shows its own page, also if the open page finds the session ended first', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-37')
  await page.clock.install()
  await page.goto('/overview')
  await page.route('**/api/auth/csrf', async (route) => {
    await page.request.delete('/api/sessions')
    const refused = page.waitForResponse((response) => response.status() === 401)
    // Data older than a few seconds is fetched again when the window gets the focus.
    await page.clock.runFor('00:10')
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await refused
    await route.continue()
  })
  await page.getByRole('button', { name: 'Account menu for Load 37' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'You’re signed out' })).toBeVisible()
})

test('the start page redirects signed-in listeners to their overview', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-23')
  await page.goto('/')
  await expect(page).toHaveURL('/overview')
  await expect(sidebar(page).getByRole('link', { name: 'Overview', exact: true })).toHaveAttribute(
    'aria-current',
    'page',
  )
})
