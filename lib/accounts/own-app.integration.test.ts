import { expect } from 'vitest'
import type { SignInProblem } from '#lib/api/lists.ts'
import { settings } from '#lib/core/config.ts'
import { db } from '#lib/db.ts'
import { probeNow } from '#lib/ops/probe-app.ts'
import { accessToken } from '#lib/quota/access-token.ts'
import { accountKey } from '#lib/spotify/profile.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { countCheck } from './check-limit.ts'
import { connectListener, consentApp, createListener } from './connect.ts'
import { erase } from './erase.ts'
import { createInvite } from './invites.ts'
import { enterOwnApp, forgetUnclaimed, type OwnAppForm } from './own-app.ts'
import { type Attempt, beginAttempt, openAttempt, sealAttempt } from './sign-in-attempt.ts'
import { admit } from './sign-up.ts'
import { connections } from './status.ts'

const OWN = { clientId: 'c'.repeat(32), clientSecret: 'd'.repeat(32) }
const FORM: OwnAppForm = { ...OWN, save: true, sameDeveloperAs: null }
const REDIRECT = 'http://127.0.0.1:3000/api/auth/callback/spotify'

test.override('options', [{ SIGN_UPS: 'invite' }])

let admin: { id: string; isAdmin: boolean }
let listener: { id: string; isAdmin: boolean }

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await harness.configure({ apps: { [OWN.clientId]: { clientSecret: OWN.clientSecret, redirectUris: [REDIRECT] } } })
  await db().user.deleteMany()
  await db().spotifyApp.deleteMany()
  admin = { id: (await harness.signIn('load-1')).userId, isAdmin: true }
  listener = { id: (await harness.signIn('load-2')).userId, isAdmin: false }
})

async function token(): Promise<string> {
  const { link } = await createInvite(admin.id, { note: '', mostUses: 5, days: 1 })
  return new URL(link).searchParams.get('invite') ?? ''
}

const begin = (params: Partial<Parameters<typeof beginAttempt>[0]>) =>
  beginAttempt({ app: null, invite: null, remembered: null, listener: null, ...params })

async function clientOf(attempt: Attempt | null): Promise<string | null> {
  const app = attempt && (await db().spotifyApp.findUnique({ where: { id: attempt.app } }))
  return app?.clientId ?? null
}

/** Returns from Spotify as the sign-in callback does, with tokens for the attempt's app. @returns a problem or the listener */
async function signInWith(
  harness: Harness,
  name: string,
  attempt: Attempt | null,
): Promise<SignInProblem | { userId: string }> {
  if (!attempt) throw new Error('there is no attempt')
  const tokens = await harness.grant(name, (await clientOf(attempt)) ?? undefined)
  const profile = { accountId: `account-${name}`, userId: name, name, image: null }
  const problem = await admit(profile, attempt)
  if (problem) return problem
  const key = { provider: 'spotify', providerAccountId: accountKey(profile) }
  const known = await db().account.findUnique({ where: { provider_providerAccountId: key } })
  const userId = known?.userId ?? (await createListener({ name, accounts: { create: { ...key, type: 'oauth' } } })).id
  await connectListener(userId, profile, tokens, consentApp(attempt, userId))
  return { userId }
}

async function checksOf(form: Partial<OwnAppForm>) {
  const { checks, saved, app } = await enterOwnApp({ listener }, { ...FORM, ...form })
  expect({ saved, app }).toEqual({ saved: false, app: null })
  expect(await db().spotifyApp.count({ where: { clientId: form.clientId ?? OWN.clientId } })).toBe(0)
  return checks.filter(({ ok }) => !ok)
}

test('names each mistake with its remedy and stores nothing', async ({ harness }) => {
  expect(await checksOf({ clientId: 'my app' })).toMatchObject([
    { name: 'Client ID', field: 'clientId', remedy: expect.stringContaining('Copy it again') },
  ])
  expect(await checksOf({ clientSecret: 'hush' })).toMatchObject([{ name: 'Client secret', field: 'clientSecret' }])
  expect(await checksOf({ clientId: 'e'.repeat(32) })).toMatchObject([
    { field: 'clientId', message: expect.stringContaining('No Spotify app has this client ID') },
  ])
  expect(await checksOf({ clientSecret: 'e'.repeat(32) })).toMatchObject([
    {
      field: 'clientSecret',
      message: expect.stringContaining('not the secret of that client ID'),
      remedy: expect.stringContaining('View client secret'),
    },
  ])
  await harness.configure({ apps: { [OWN.clientId]: { redirectUris: [`${REDIRECT}/`] } } })
  expect(await checksOf({})).toMatchObject([
    { name: 'Redirect URI is registered', message: expect.stringContaining(REDIRECT) },
  ])
  await harness.configure({ faults: [{ match: { path: '/api/token' }, fault: { kind: 'status', status: 503 } }] })
  expect(await checksOf({})).toMatchObject([{ remedy: expect.stringContaining('check again') }])
  await harness.configure({ apps: { [OWN.clientId]: { redirectUris: [REDIRECT] } } })
  for (const status of [503, 429]) {
    await harness.configure({ faults: [{ match: { path: '/authorize' }, fault: { kind: 'status', status } }] })
    expect(await checksOf({})).toMatchObject([
      { name: 'Redirect URI is registered', message: 'Spotify did not respond' },
    ])
  }
})

test('needs an open invite without a session', async () => {
  await expect(enterOwnApp({ listener: null, invite: 'made up' }, FORM)).rejects.toMatchObject({ status: 401 })
  expect(await enterOwnApp({ listener: null, invite: await token() }, FORM)).toMatchObject({ saved: true })
})

test('allows 20 checks an hour per listener and per invite', async ({ harness }) => {
  const invite = await token()
  const requests = async () => Object.values((await harness.stats()).requests).reduce((sum, one) => sum + one, 0)
  const before = await requests()
  // A mistake found without a request to Spotify does not count.
  await enterOwnApp({ listener }, { ...FORM, clientId: 'no id' })
  for (const person of [{ listener }, { listener: null, invite }]) {
    const checks = Array.from({ length: 22 }, () => enterOwnApp(person, { ...FORM, save: false }))
    const ends = await Promise.allSettled(checks)
    const refused = ends.filter(({ status }) => status === 'rejected')
    expect(refused).toMatchObject([{ reason: { status: 429, code: 'too-many-checks' } }, { reason: { status: 429 } }])
  }
  // Each check sends two requests: for the credentials and for the redirect URI.
  expect((await requests()) - before).toBe(2 * 2 * 20)
  expect(await enterOwnApp({ listener: admin }, { ...FORM, save: false })).toMatchObject({ checks: expect.any(Array) })
})

test('checking a paused app counts towards the limit', async () => {
  for (let check = 0; check < 20; check++) await countCheck({ listener: listener.id })
  expect(await probeNow(listener, null)).toMatchObject({ answers: true })
  await db().spotifyApp.updateMany({ data: { problem: 'lapsed', problemSince: new Date() } })
  await expect(probeNow(listener, null)).rejects.toMatchObject({ status: 429 })
})

test('an invite does not allow entering an app while sign-ups are closed', async () => {
  const invite = await token()
  const current = settings()
  Object.assign(current, { SIGN_UPS: 'closed' })
  try {
    await expect(enterOwnApp({ listener: null, invite }, FORM)).rejects.toMatchObject({ status: 401 })
  } finally {
    Object.assign(current, { SIGN_UPS: 'invite' })
  }
})

test('an invited person signs up through their own app and becomes its owner', async ({ harness }) => {
  const invite = await token()
  const { app } = await enterOwnApp({ listener: null, invite }, FORM)
  const attempt = await openAttempt(sealAttempt((await begin({ app, invite })) ?? (await openAttempt(null))))
  const signedIn = await signInWith(harness, 'load-3', attempt)
  expect(signedIn).toMatchObject({ userId: expect.any(String) })
  const { userId } = signedIn as { userId: string }
  const stored = await db().spotifyApp.findUniqueOrThrow({ where: { clientId: OWN.clientId } })
  expect(stored).toMatchObject({ ownerId: userId, developerAccount: OWN.clientId })
  expect(stored.clientSecret).not.toContain(OWN.clientSecret)
  expect(await connections({ id: userId })).toMatchObject({
    spotify: { app: OWN.clientId, isOwnApp: true, places: { taken: 1, most: 5 } },
  })
  // The simulated Spotify refreshes a token only for the app that it was issued to.
  const stale = await accessToken(userId)
  await harness.setTime(new Date(harness.now().getTime() + 1000))
  expect(await accessToken(userId, stale)).not.toBe(stale)
})

test('without session or invite, a named app admits only people who already use it', async ({ harness }) => {
  const { app } = await enterOwnApp({ listener }, FORM)
  expect(await signInWith(harness, 'load-2', await begin({ app, listener: listener.id }))).toEqual({
    userId: listener.id,
  })
  expect(await begin({ app: 'f'.repeat(32) })).toBeNull()
  expect(await signInWith(harness, 'load-2', await begin({ app: OWN.clientId }))).toEqual({ userId: listener.id })
  expect(await signInWith(harness, 'load-1', await begin({ app: OWN.clientId }))).toBe('not-your-app')
  expect(await signInWith(harness, 'load-9', await begin({ app: OWN.clientId, invite: await token() }))).toBe(
    'not-your-app',
  )
  // A sealed attempt is not accepted as an app, nor a sealed app as an attempt.
  expect(await begin({ app: sealAttempt(await openAttempt(null)) })).toBeNull()
  expect(await clientOf(await openAttempt(app))).toBe('a'.repeat(32))
})

test('signs in through the listener’s app, or the one the browser used last', async ({ harness }) => {
  const { app } = await enterOwnApp({ listener }, FORM)
  await signInWith(harness, 'load-2', await begin({ app, listener: listener.id }))
  expect(await clientOf(await begin({}))).toBe('a'.repeat(32))
  expect(await clientOf(await begin({ remembered: OWN.clientId }))).toBe(OWN.clientId)
  expect(await clientOf(await begin({ listener: listener.id }))).toBe(OWN.clientId)
  expect(await clientOf(await begin({ listener: admin.id, remembered: OWN.clientId }))).toBe('a'.repeat(32))
})

test('a default sign-in keeps the consent to a listener’s own app; choosing an app replaces it', async ({
  harness,
}) => {
  const { app } = await enterOwnApp({ listener }, FORM)
  await signInWith(harness, 'load-2', await begin({ app, listener: listener.id }))
  expect(await signInWith(harness, 'load-2', await begin({}))).toEqual({ userId: listener.id })
  expect((await connections(listener)).spotify).toMatchObject({ app: OWN.clientId, state: 'given' })

  const back = await begin({ app: 'a'.repeat(32), listener: listener.id })
  expect(await signInWith(harness, 'load-2', back)).toEqual({ userId: listener.id })
  expect((await connections(listener)).spotify).toMatchObject({ app: 'a'.repeat(32), isOwnApp: false })
  // Nobody uses the own app any more, so its secret is deleted.
  expect(await db().spotifyApp.count({ where: { clientId: OWN.clientId } })).toBe(0)
})

test('coming back as another listener does not change that listener’s app', async ({ harness }) => {
  const { app } = await enterOwnApp({ listener }, FORM)
  await signInWith(harness, 'load-2', await begin({ app, listener: listener.id }))
  // The admin reconnects, or chooses the operator's app, in a browser where the listener is signed in to Spotify.
  for (const choice of [{}, { app: 'a'.repeat(32) }]) {
    const attempt = await begin({ ...choice, listener: admin.id })
    expect(await signInWith(harness, 'load-2', attempt)).toEqual({ userId: listener.id })
    expect((await connections(listener)).spotify).toMatchObject({ app: OWN.clientId, state: 'given' })
    expect(await db().spotifyApp.count({ where: { clientId: OWN.clientId } })).toBe(1)
  }
})

test('a new secret replaces the old one, and only own apps can share a developer account', async ({ harness }) => {
  await enterOwnApp({ listener }, FORM)
  await harness.configure({ apps: { [OWN.clientId]: { clientSecret: '9'.repeat(32) } } })
  await enterOwnApp({ listener }, { ...FORM, clientSecret: '9'.repeat(32) })
  await expect(enterOwnApp({ listener }, { ...FORM, sameDeveloperAs: 'a'.repeat(32) })).rejects.toMatchObject({
    code: 'not-your-developer-account',
  })
  const other = { clientId: '8'.repeat(32), clientSecret: '7'.repeat(32) }
  await harness.configure({ apps: { [other.clientId]: { clientSecret: other.clientSecret } } })
  await enterOwnApp({ listener }, { ...FORM, ...other, sameDeveloperAs: OWN.clientId })
  expect(await db().spotifyApp.findUniqueOrThrow({ where: { clientId: other.clientId } })).toMatchObject({
    developerAccount: OWN.clientId,
    ownerId: listener.id,
  })
})

test('a listener’s own app is deleted with its owner, or passed on to another user of it', async ({ harness }) => {
  const { app } = await enterOwnApp({ listener }, FORM)
  await signInWith(harness, 'load-2', await begin({ app, listener: listener.id }))
  const again = await enterOwnApp({ listener: admin }, FORM)
  await signInWith(harness, 'load-1', await begin({ app: again.app, listener: admin.id }))
  await erase(listener.id, 'load-2')
  expect(await db().spotifyApp.findUniqueOrThrow({ where: { clientId: OWN.clientId } })).toMatchObject({
    ownerId: admin.id,
  })
  await erase(admin.id, 'load-1')
  expect(await db().spotifyApp.count({ where: { clientId: OWN.clientId } })).toBe(0)
})

test('deletes an app that was entered with an invite and not used within a day', async () => {
  await enterOwnApp({ listener: null, invite: await token() }, FORM)
  await forgetUnclaimed(new Date())
  expect(await db().spotifyApp.count({ where: { clientId: OWN.clientId } })).toBe(1)
  await forgetUnclaimed(new Date(Date.now() + 25 * 3_600_000))
  expect(await db().spotifyApp.findMany({ select: { clientId: true } })).toEqual([{ clientId: 'a'.repeat(32) }])
})

test('a secret replaced at Spotify fails the stream and says how to enter the new one', async ({ harness }) => {
  const { app } = await enterOwnApp({ listener }, FORM)
  await signInWith(harness, 'load-2', await begin({ app, listener: listener.id }))
  const stale = await accessToken(listener.id)
  await harness.configure({ apps: { [OWN.clientId]: { clientSecret: '9'.repeat(32) } } })
  await expect(accessToken(listener.id, stale)).rejects.toMatchObject({
    recovery: 'stop',
    remedy: expect.stringContaining('Your own Spotify app'),
  })
  expect(await db().account.findFirstOrThrow({ where: { userId: listener.id } })).toMatchObject({ consent: 'given' })
})
