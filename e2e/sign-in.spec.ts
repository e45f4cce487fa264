import { expect, test } from './fixtures.ts'
import { ORIGIN } from './instance.ts'
import { openConsentPage, rail } from './pages.ts'
import { RESIDENT } from './sign-in.ts'
import { order } from './simulator.ts'

const QUILL = 'odd-quill'

test('a refused consent is told, and the way back is there', async ({ page }) => {
  await openConsentPage(page)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page).toHaveURL('/sign-in?problem=refused')
  await expect(page.getByRole('heading', { name: 'You did not give your consent' })).toBeVisible()
  await page.getByRole('button', { name: 'Sign in with Spotify' }).click()
  await expect(page.getByRole('heading', { name: 'Connect a listener' })).toBeVisible()
})

test('a sign-in whose note the browser has lost begins anew', async ({ page, context }) => {
  await openConsentPage(page)
  await context.clearCookies()
  await page.getByRole('button', { name: 'Agree' }).click()
  await expect(page).toHaveURL('/sign-in?problem=expired-state')
  await expect(page.getByRole('heading', { name: 'The sign-in took too long' })).toBeVisible()
})

test('each refusal of Spotify has its page with a remedy; afterwards the sign-in succeeds', async ({ page }) => {
  async function agree() {
    await openConsentPage(page)
    await page.getByRole('radio', { name: 'Quill' }).check()
    await page.getByRole('button', { name: 'Agree' }).click()
  }
  async function expectProblem(word: string, title: string, remedy: string) {
    await agree()
    await expect(page).toHaveURL(`/sign-in?problem=${word}`)
    await expect(page.getByRole('heading', { name: title })).toBeVisible()
    await expect(page.getByRole('main')).toContainText(remedy)
  }
  const whenProfileIsAsked = { path: '^/v1/me$', listener: QUILL }

  await order({ listeners: { [QUILL]: { allowed: false } } })
  await expectProblem(
    'not-registered',
    'Spotify does not know you as a user of this app',
    'Or bring a Spotify app of your own',
  )
  await order({ listeners: { [QUILL]: { allowed: true } } })

  const message = 'Active premium subscription required for the owner of the app.'
  await order({ faults: [{ match: whenProfileIsAsked, fault: { kind: 'status', status: 403, message } }] })
  await expectProblem('premium-lapsed', 'The operator’s Spotify Premium has lapsed', 'Ask the operator to renew it')

  await order({ faults: [{ match: whenProfileIsAsked, fault: { kind: 'status', status: 503 } }] })
  await expectProblem('spotify-unavailable', 'Spotify does not answer', 'Wait some minutes')

  await agree()
  await expect(page).toHaveURL('/overview')
  await expect(page.getByRole('button', { name: /^Menu of Quill/ })).toBeVisible()
})

test('who comes by the name localhost is sent to the address that Spotify sends back to', async ({ page }) => {
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
  await expect(page.getByRole('button', { name: 'Menu of quiet-fern' })).toBeVisible()

  async function tabTo(target: typeof button) {
    await expect(async () => {
      await page.keyboard.press('Tab')
      await expect(target).toBeFocused({ timeout: 100 })
    }).toPass({ intervals: [0] })
  }
})

test('two listeners at once see their own data each', async ({ pageOf }) => {
  const [one, other] = await Promise.all([pageOf('load-21'), pageOf('load-22')])
  await Promise.all([one.goto('/overview'), other.goto('/overview')])
  await expect(one.getByRole('button', { name: 'Menu of Load 21' })).toBeVisible()
  await expect(other.getByRole('button', { name: 'Menu of Load 22' })).toBeVisible()
  const first = (page: typeof one) =>
    page.getByRole('region', { name: 'Which songs do you play most?' }).getByRole('listitem').first()
  // The slots are shared with whoever else has something to fetch.
  await expect(first(one)).toBeVisible({ timeout: 60_000 })
  await expect(first(other)).toBeVisible({ timeout: 60_000 })
  expect(await first(one).innerText()).not.toBe(await first(other).innerText())
})

test('who comes back from Spotify as somebody else than was signed in is told so', async ({ pageOf }) => {
  const page = await pageOf(RESIDENT)
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Sign in with Spotify' }).click()
  await page.getByRole('radio', { name: 'quiet-fern' }).check()
  await page.getByRole('button', { name: 'Agree' }).click()
  await expect(page.getByRole('heading', { name: 'You are signed in as quiet-fern now' })).toBeVisible()
  await page.getByRole('link', { name: 'Go on as quiet-fern' }).click()
  await expect(page).toHaveURL('/overview')
  await expect(page.getByRole('button', { name: 'Menu of quiet-fern' })).toBeVisible()
})

test('signing out ends the session', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-23')
  await page.goto('/overview')
  await page.getByRole('button', { name: 'Menu of Load 23' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Sign in with Spotify' })).toBeVisible()
  await page.goto('/overview')
  await expect(page).toHaveURL('/')
  expect((await page.request.get('/api/me')).status()).toBe(401)
})

test('the signed-in are led from the start page to their overview', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-23')
  await page.goto('/')
  await expect(page).toHaveURL('/overview')
  await expect(rail(page).getByRole('link', { name: 'Overview', exact: true })).toHaveAttribute('aria-current', 'page')
})
