import type { Page } from '@playwright/test'
import { z } from 'zod'
import { storedAccount } from './database.ts'
import { cancelRun, expect, test } from './fixtures.ts'
import { accessibilityProblems, confirmByName, newestRun, panel } from './pages.ts'
import { ADMIN, signIn } from './sign-in.ts'
import { configureSpotify } from './simulator.ts'

/** Invites, listeners' own Spotify apps, admin actions, and an app whose owner's Premium lapsed. */

const Runs = z.object({ runs: z.array(z.object({ state: z.string() })) })

const List = z.object({ next: z.string() })

const Links = z.object({ invites: z.array(z.object({ id: z.string(), note: z.string().nullable() })) })

const NEWCOMER = 'load-81'
const SUSPENDED = 'load-82'
const HELPER = 'load-83'
const LAPSED = 'load-84'

const APP = { clientId: '0123456789abcdef'.repeat(2), clientSecret: 'fedcba9876543210'.repeat(2) }
const LAPSING = { clientId: 'abcdef9876543210'.repeat(2), clientSecret: '0123456789fedcba'.repeat(2) }

async function registerApp({ clientId, clientSecret }: typeof APP, more = {}): Promise<void> {
  await configureSpotify({ apps: { [clientId]: { clientSecret, ...more } } })
}

async function createInvite(admin: Page, note: string): Promise<string> {
  await admin.goto('/admin')
  const invites = panel(admin, 'Invites')
  await invites.getByRole('textbox', { name: 'Note' }).fill(note)
  await invites.getByRole('button', { name: 'Create link' }).click()
  const status = invites.getByRole('status')
  await expect(status).toContainText('/sign-in?invite=')
  return (await status.locator('code').textContent()) ?? ''
}

async function enterApp(page: Page, { clientId, clientSecret }: typeof APP): Promise<void> {
  await page.getByRole('textbox', { name: 'Client ID' }).fill(clientId)
  await page.getByLabel('Client secret').fill(clientSecret)
}

/** Consents as a listener that the consent page doesn't list. */
async function agreeAs(page: Page, listener: string): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Connect a listener' })).toBeVisible()
  await page
    .getByRole('radio')
    .first()
    .evaluate((radio, value) => radio.setAttribute('value', value), listener)
  await page.getByRole('button', { name: 'Agree' }).click()
}

async function newestState({ request }: Page): Promise<string | undefined> {
  return Runs.parse(await (await request.get('/api/runs?limit=1')).json()).runs[0]?.state
}

const rowOf = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name}\\b`) })

test('an invited visitor sets up their own Spotify app, sees each mistake, and signs up through it', async ({
  pageOf,
  emptyPage,
}) => {
  const origin = 'http://127.0.0.1/wrong'
  await registerApp(APP, { redirectUris: [origin] })
  const admin = await pageOf(ADMIN)
  const link = await createInvite(admin, 'for the drummer')
  const page = await emptyPage()
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'You’re invited' })).toBeVisible()
  await page.getByRole('button', { name: 'Use my own app' }).click()
  expect(await accessibilityProblems(page)).toEqual([])
  const registered = await page.getByRole('region', { name: 'Guide' }).locator('code').nth(1).textContent()

  await enterApp(page, { ...APP, clientId: 'not an id' })
  await page.getByRole('button', { name: 'Check' }).click()
  await expect(page.getByText('The client ID is 32 characters: digits and the letters a to f.')).toBeVisible()
  await enterApp(page, { ...APP, clientSecret: '1'.repeat(32) })
  await page.getByRole('button', { name: 'Check' }).click()
  const notItsSecret = 'This is not the secret of that client ID.'
  await expect(page.getByLabel('Client secret')).toHaveAccessibleDescription(new RegExp(notItsSecret))
  await expect(page.getByRole('listitem').filter({ hasText: notItsSecret })).toContainText('View client secret')
  await enterApp(page, { ...APP, clientId: '2'.repeat(32) })
  await page.getByRole('button', { name: 'Check' }).click()
  await expect(page.getByRole('textbox', { name: 'Client ID' })).toHaveAccessibleDescription(
    /No Spotify app has this client ID/,
  )
  await enterApp(page, APP)
  await page.getByRole('button', { name: 'Save and sign in through it' }).click()
  await expect(page.getByText(`${registered} is not registered with the app.`)).toBeVisible()

  await registerApp(APP, { redirectUris: [registered ?? ''] })
  await page.getByRole('button', { name: 'Save and sign in through it' }).click()
  await agreeAs(page, NEWCOMER)
  await expect(page).toHaveURL('/overview')
  await cancelRun(page.request)
  await page.goto('/connections')
  await expect(page.getByRole('definition').filter({ hasText: APP.clientId })).toContainText('your own')
  await expect(page.getByRole('definition').filter({ hasText: /^1 of 5$/ })).toBeVisible()

  await admin.reload()
  await expect(panel(admin, 'Invites').getByRole('listitem').filter({ hasText: 'for the drummer' })).toContainText(
    '1 of 1 used',
  )
  await expect(panel(admin, 'Spotify apps').getByRole('listitem').filter({ hasText: APP.clientId })).toContainText(
    'Load 81’s app',
  )
  const late = await emptyPage()
  await late.goto(link)
  await expect(late.getByRole('heading', { name: 'This invite has expired' })).toBeVisible()

  // After signing out, this browser still uses the listener's app. Another browser needs its client ID.
  await page.getByRole('button', { name: 'Account menu for Load 81' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await agreeAs(page, NEWCOMER)
  await expect(page).toHaveURL('/overview')
  const elsewhere = await emptyPage()
  await elsewhere.goto('/sign-in')
  await elsewhere.getByRole('button', { name: 'I use my own Spotify app' }).click()
  await elsewhere.getByRole('textbox', { name: 'Client ID of your app' }).fill(APP.clientId)
  await elsewhere.getByRole('button', { name: 'Sign in through my app' }).click()
  await agreeAs(elsewhere, 'quiet-fern')
  await expect(elsewhere).toHaveURL('/sign-in?problem=not-your-app&app=own')
})

test('a revoked invite no longer works', async ({ pageOf, emptyPage }) => {
  const admin = await pageOf(ADMIN)
  const link = await createInvite(admin, 'for nobody')
  const line = panel(admin, 'Invites').getByRole('listitem').filter({ hasText: 'for nobody' })
  await line.getByRole('button', { name: 'Revoke' }).click()
  await expect(line).toContainText('revoked')
  const page = await emptyPage()
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'This invite has expired' })).toBeVisible()
  const refused = await page.request.post('/api/spotify-app', {
    data: { ...APP, invite: new URL(link).searchParams.get('invite') },
  })
  expect(refused.status()).toBe(401)
})

test('lists on the admin page can be paged', async ({ pageOf }) => {
  const admin = await pageOf(ADMIN)
  for (const note of ['for the older page', 'for the newer page']) await createInvite(admin, note)
  // Other tests create invites too, so the newer one need not be the newest. A page begins after the invite it names.
  const { invites: links } = Links.parse(await (await admin.request.get('/api/admin/invites?limit=100')).json())
  await admin.goto(`/admin?invites=${links.find(({ note }) => note === 'for the newer page')?.id}`)
  const invites = panel(admin, 'Invites')
  await expect(invites.getByText('for the older page')).toBeVisible()
  await expect(invites.getByText('for the newer page')).toBeHidden()
  await invites.getByRole('link', { name: 'First invites' }).click()
  await expect(invites.getByText('for the newer page')).toBeVisible()

  const { next } = List.parse(await (await admin.request.get('/api/admin/listeners?limit=1')).json())
  await admin.goto(`/admin?listeners=${next}`)
  const first = rowOf(admin, 'Juniper')
  await expect(panel(admin, 'Listeners').getByRole('link', { name: 'First listeners' })).toBeVisible()
  await expect(first).toHaveCount(0)
  await panel(admin, 'Listeners').getByRole('link', { name: 'First listeners' }).click()
  await expect(first).toBeVisible()
})

test('a suspended listener is signed out and cannot sign in until an admin resumes them', async ({
  pageOf,
  idlePageOf,
}) => {
  const page = await idlePageOf(SUSPENDED)
  const admin = await pageOf(ADMIN)
  await admin.goto('/admin')
  const row = rowOf(admin, 'Load 82')
  await row.getByRole('button', { name: 'Suspend' }).click()
  await expect(row).toContainText('(suspended)')
  await page.goto('/overview')
  await expect(page).toHaveURL('/')
  expect(await signIn(page.request, SUSPENDED)).toBe('/sign-in?problem=suspended')
  await page.goto('/sign-in?problem=suspended')
  await expect(page.getByRole('heading', { name: 'Your account is suspended' })).toBeVisible()
  expect(await storedAccount('Load 82')).toEqual({ hasTokens: true, consent: 'given' })
  await row.getByRole('button', { name: 'Resume' }).click()
  await expect(row).not.toContainText('(suspended)')
  expect(await signIn(page.request, SUSPENDED)).toBe('/overview')
})

test('an admin makes and removes admins, and removes a listener by typing their name', async ({
  pageOf,
  idlePageOf,
}) => {
  const helper = await idlePageOf(HELPER)
  const admin = await pageOf(ADMIN)
  await admin.goto('/admin')
  await rowOf(admin, 'Juniper').getByRole('button', { name: 'Remove admin' }).click()
  await expect(admin.getByRole('alert').filter({ hasText: 'This is the last admin' })).toBeVisible()
  expect((await helper.request.get('/admin')).status()).toBe(404)
  await rowOf(admin, 'Load 83').getByRole('button', { name: 'Make admin' }).click()
  await expect(rowOf(admin, 'Load 83')).toContainText('(admin)')
  await helper.goto('/admin')
  await expect(rowOf(helper, 'Load 83')).toContainText('(admin)')
  await rowOf(admin, 'Load 83').getByRole('button', { name: 'Remove admin' }).click()
  await expect(rowOf(admin, 'Load 83')).not.toContainText('(admin)')
  expect((await helper.request.get('/admin')).status()).toBe(404)

  await rowOf(admin, 'Load 83').getByRole('button', { name: 'Remove', exact: true }).click()
  const dialog = admin.getByRole('dialog', { name: 'Remove' })
  await dialog.getByRole('textbox').fill('Load 83')
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(rowOf(admin, 'Load 83')).toHaveCount(0)
  expect(await storedAccount('Load 83')).toBeUndefined()
})

test('a banner shows that Premium has lapsed, until a check finds it renewed', async ({ idlePageOf }) => {
  await registerApp(LAPSING)
  const page = await idlePageOf(LAPSED)
  await page.goto('/connections/spotify-app')
  await enterApp(page, LAPSING)
  await page.getByRole('button', { name: 'Save and sign in through it' }).click()
  await agreeAs(page, LAPSED)
  await expect(page).toHaveURL('/connections')
  await cancelRun(page.request)
  await page.goto('/runs')
  await expect(newestRun(page)).toContainText('canceled')

  await registerApp(LAPSING, { premiumLapsed: true })
  await page.getByRole('button', { name: 'Sync now' }).click()
  // Request slots are shared with the syncs of other tests.
  await expect(newestRun(page)).toContainText('waiting', { timeout: 60_000 })
  const banner = page.getByText('Your own app has been refused since')
  await expect(banner).toBeVisible({ timeout: 40_000 })

  await page.goto('/connections')
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByText('Spotify still refuses')).toBeVisible()
  await registerApp(LAPSING, { premiumLapsed: false })
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(banner).toBeHidden()
  // Pages ask for a waiting run only every half minute.
  await expect.poll(() => newestState(page), { timeout: 60_000 }).not.toBe('waiting')
  await page.goto('/runs')
  await expect(newestRun(page)).not.toContainText('waiting')
  await expect(newestRun(page)).toContainText(/running|incomplete|succeeded/)
})

test('reconnecting takes one click, and the page shows whether plays may be missing', async ({ pageOf }) => {
  const page = await pageOf('load-85')
  await page.goto('/overview')
  await expect(panel(page, 'Recently played').getByRole('listitem').first()).toBeVisible({ timeout: 60_000 })
  await page.goto('/connections')
  await confirmByName(page, 'Disconnect', 'Load 85')
  await expect(page.getByText('Nothing has been synced since')).toBeVisible()
  await page.goto('/overview')
  await page.getByRole('button', { name: 'Reconnect' }).click()
  await agreeAs(page, 'load-85')
  await expect(page).toHaveURL('/connections')
  await expect(page.getByText(/no plays missing|not known yet/).first()).toBeVisible()
  await expect(page.getByText('no plays missing')).toBeVisible({ timeout: 60_000 })
})
