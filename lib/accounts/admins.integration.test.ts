import { expect } from 'vitest'
import { settings } from '#lib/core/config.ts'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'
import { applyAdmins } from './admins.ts'
import { createListener } from './connect.ts'
import { erase } from './erase.ts'
import { requireSetupAccess } from './setup.ts'
import { openAttempt } from './sign-in-attempt.ts'
import { admit, maySignUp, signUp } from './sign-up.ts'

/** Who is an admin, and who may sign up, on an instance behind a proxy: it listens on loopback, people come by APP_URL. */

const CODE = '0123456789abcdef'

test.override('options', [{ HOST: '127.0.0.1', APP_URL: 'https://music.example', TRACKLAKE_SETUP_CODE: CODE }])

const setup = (code: string | null) => requireSetupAccess({ loopback: false, admin: null, code })

function accountOf(name: string) {
  return { create: { type: 'oauth', provider: 'spotify', providerAccountId: `account-${name}` } }
}

async function admins(): Promise<(string | null)[]> {
  const found = await db().user.findMany({ where: { isAdmin: true, accounts: { some: {} } } })
  return found.map(({ name }) => name)
}

test('an unfinished sign-up does not take the place of the first admin', async () => {
  const unfinished = await createListener({ name: 'nobody' })
  expect(unfinished.isAdmin).toBe(true)
  expect(await maySignUp()).toBeNull()
  await setup(CODE)
  await expect(setup('0123456789abcdee')).rejects.toMatchObject({ status: 404 })
  await expect(setup('0')).rejects.toMatchObject({ status: 404 })
  await expect(setup(null)).rejects.toMatchObject({ status: 404 })

  await db().user.delete({ where: { id: unfinished.id } })
  const both = ['one', 'two'].map((name) => createListener({ name, accounts: accountOf(name) }))
  const made = await Promise.all(both)
  expect(made.filter(({ isAdmin }) => isAdmin)).toHaveLength(1)
  await db().user.deleteMany()
})

test('after the first sign-up, strangers behind a proxy can neither sign up nor open /setup', async ({ harness }) => {
  await createListener({ name: 'nobody' })
  const { userId } = await harness.signIn('load-1')
  expect(await db().user.findUniqueOrThrow({ where: { id: userId } })).toMatchObject({ isAdmin: true })
  expect(await maySignUp()).toBe('invite-needed')
  await expect(setup(CODE)).rejects.toMatchObject({ status: 404 })
})

test('when the last admin leaves, the oldest listener becomes admin, and finally the next person to sign up', async ({
  harness,
}) => {
  const { userId: first } = await harness.signIn('load-1')
  const { userId: second } = await harness.signIn('load-2')
  const { userId: third } = await harness.signIn('load-3')
  await erase(first, ' load-1 ')
  expect(await admins()).toEqual(['load-2'])
  await db().user.update({ where: { id: third }, data: { isAdmin: true } })
  await erase(second, 'load-2')
  expect(await admins()).toEqual(['load-3'])
  await erase(third, 'load-3')
  expect(await maySignUp()).toBeNull()
  await harness.signIn('load-4')
  expect(await admins()).toEqual(['load-4'])
})

test('when the last admin leaves and all others are suspended, strangers still need an invite', async ({ harness }) => {
  await db().user.deleteMany()
  const { userId: last } = await harness.signIn('load-1')
  const { userId: suspended } = await harness.signIn('load-2')
  await db().user.update({ where: { id: suspended }, data: { suspendedAt: new Date() } })
  await erase(last, 'load-1')
  expect(await admins()).toEqual([])
  expect(await maySignUp()).toBe('invite-needed')
  await expect(setup(CODE)).rejects.toMatchObject({ status: 404 })
  // The next listener to sign up becomes an admin.
  await harness.signIn('load-3')
  expect(await admins()).toEqual(['load-3'])
})

test('with SIGN_UPS=closed only the first listener and people in ADMINS can sign up', async () => {
  await db().user.deleteMany()
  const tryToSignUp = async (name: string) => {
    const profile = { accountId: `account-${name}`, userId: name, name, image: null }
    const problem = await admit(profile, await openAttempt(null))
    if (!problem) await signUp(profile, profile, null)
    return problem
  }
  const current = settings()
  Object.assign(current, { SIGN_UPS: 'closed' })
  try {
    expect(await tryToSignUp('one')).toBeNull()
    expect(await tryToSignUp('two')).toBe('sign-ups-closed')
    current.ADMINS.push('account-three')
    expect(await tryToSignUp('three')).toBeNull()
    expect(await tryToSignUp('two')).toBe('sign-ups-closed')
  } finally {
    current.ADMINS.length = 0
    Object.assign(current, { SIGN_UPS: undefined })
  }
  expect(await db().user.findMany({ orderBy: { name: 'asc' }, select: { name: true } })).toEqual([
    { name: 'one' },
    { name: 'three' },
  ])
})

test('a start grants and removes admin rights by ADMINS', async ({ harness }) => {
  await db().user.deleteMany()
  for (const name of ['load-1', 'load-2', 'load-3']) await harness.signIn(name)
  // Spotify reports no account id for some listeners.
  await db().user.updateMany({ where: { name: 'load-1' }, data: { spotifyAccountId: null } })
  await applyAdmins()
  expect(await admins()).toEqual(['load-1'])
  settings().ADMINS.push('load-2', 'account-load-3')
  try {
    await applyAdmins()
    expect((await admins()).sort()).toEqual(['load-2', 'load-3'])
  } finally {
    settings().ADMINS.length = 0
  }
})
