import { expect } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'
import { createListener, InviteEnded } from './connect.ts'
import { createInvite, inviteOf, listInvites, openInvite, revokeInvite } from './invites.ts'
import { changePerson } from './people.ts'
import { openAttempt } from './sign-in-attempt.ts'
import { admit, maySignUp, signUp } from './sign-up.ts'

let admin: string

test.override('options', [{ SIGN_UPS: 'invite' }])

test.beforeEach(async ({ harness }) => {
  await db().user.deleteMany()
  await db().invite.deleteMany()
  expect(await maySignUp()).toBeNull()
  admin = (await harness.signIn('load-1')).userId
})

const PARAMS = { note: 'for the band', mostUses: 2, days: 7 }

async function link(params = PARAMS) {
  const { invite, link } = await createInvite(admin, params)
  return { id: invite.id, link, token: new URL(link).searchParams.get('invite') ?? '' }
}

const accountOf = (name: string) => ({
  create: { type: 'oauth', provider: 'spotify', providerAccountId: `account-${name}` },
})

test('only people with a link can sign up, and the link itself is not stored', async () => {
  const { link: address, token } = await link()
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:3000\/sign-in\?invite=[\w-]{43}$/)
  expect(await maySignUp()).toBe('invite-needed')
  expect(await maySignUp(`${token}x`)).toBe('invite-over')
  expect(await maySignUp(token)).toBeNull()
  const [stored] = await db().$queryRaw<
    { all: string }[]
  >`select coalesce(string_agg(i::text, ' '), '') as all from "Invite" i`
  expect(stored?.all).not.toContain(token)
  const trail = await db().auditEvent.findMany()
  expect(JSON.stringify([trail, await listInvites({ limit: 10 })])).not.toContain(token)
})

const profileOf = (name: string) => ({ accountId: `account-${name}`, userId: name, name, image: null })

/** Signs up as next-auth does: admits the person before the consent page, then creates the listener. */
async function signUpAs(
  name: string,
  invite: string | null,
  meanwhile: () => Promise<unknown> = async () => undefined,
) {
  const profile = profileOf(name)
  expect(await admit(profile, { ...(await openAttempt(null)), invite })).toBeNull()
  await meanwhile()
  return signUp(profile, profile, invite)
}

test('counts one use per listener, even when too many sign up at once', async () => {
  const { token } = await link()
  let waiting = 4
  let open = () => {}
  const allAdmitted = new Promise<void>((resolve) => {
    open = resolve
  })
  const meanwhile = () => {
    waiting -= 1
    if (waiting === 0) open()
    return allAdmitted
  }
  const signUps = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => signUpAs(name, token, meanwhile)))
  expect(signUps.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  for (const end of signUps) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(InviteEnded)
  expect(await db().user.count({ where: { id: { not: admin } } })).toBe(2)
  expect(await openInvite(token)).toBeNull()
  expect((await listInvites({ limit: 10 })).invites).toMatchObject([{ uses: 2, mostUses: 2, state: 'used up' }])
})

test('refuses a link that was used up or revoked during the consent', async () => {
  const one = await link({ ...PARAMS, mostUses: 1 })
  const late = signUpAs('late', one.token, () => signUpAs('fast', one.token))
  await expect(late).rejects.toBeInstanceOf(InviteEnded)
  const other = await link()
  await expect(signUpAs('late', other.token, () => revokeInvite(admin, other.id))).rejects.toBeInstanceOf(InviteEnded)
  expect(await db().user.findMany({ where: { id: { not: admin } }, select: { name: true } })).toEqual([
    { name: 'fast' },
  ])
})

test('of two first sign-ups at once, one succeeds and the other needs an invite', async () => {
  await db().user.deleteMany()
  await expect(signUpAs('second', null, () => signUpAs('first', null))).rejects.toBeInstanceOf(InviteEnded)
  expect(await db().user.findMany({ select: { name: true, isAdmin: true } })).toEqual([
    { name: 'first', isAdmin: true },
  ])
})

test('signing up in two tabs at once creates one listener', async () => {
  const { token } = await link({ ...PARAMS, mostUses: 1 })
  const second = await signUpAs('twice', token, () => signUpAs('twice', token))
  expect(await db().user.findMany({ where: { name: 'twice' }, select: { id: true } })).toEqual([{ id: second.id }])
})

test('a failed sign-up does not use the invite', async () => {
  const { token } = await link()
  const taken = { name: 'again', accounts: accountOf('load-1') }
  await expect(createListener(taken, { invite: await inviteOf(token) })).rejects.toThrow()
  expect((await listInvites({ limit: 10 })).invites).toMatchObject([{ uses: 0, state: 'open' }])
})

test.for(['revoked', 'expired', 'of somebody who is no admin any more'] as const)(
  'refuses a link that is %s',
  async (how, { harness }) => {
    const { id, token } = await link()
    if (how === 'revoked') expect(await revokeInvite(admin, id)).toMatchObject({ state: 'revoked' })
    if (how === 'expired') await db().invite.update({ where: { id }, data: { endsAt: new Date(Date.now() - DAY) } })
    if (how.startsWith('of')) {
      const { userId: other } = await harness.signIn('load-2')
      await changePerson(admin, other, { isAdmin: true })
      await changePerson(other, admin, { isAdmin: false })
    }
    expect(await openInvite(token)).toBeNull()
    expect(await maySignUp(token)).toBe('invite-over')
  },
)

test('lists invites newest first, in pages', async () => {
  for (const note of ['first', 'second', 'third']) await createInvite(admin, { ...PARAMS, note })
  const first = await listInvites({ limit: 2 })
  expect(first).toMatchObject({ signUps: 'invite', invites: [{ note: 'third', by: 'load-1' }, { note: 'second' }] })
  const second = await listInvites({ limit: 2, cursor: first.next ?? '' })
  expect(second).toMatchObject({ invites: [{ note: 'first' }], next: null })
})

test('revoking an unknown invite is a 404', async () => {
  await expect(revokeInvite(admin, 'none')).rejects.toMatchObject({ status: 404 })
})
