import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DAY } from '../clock.ts'
import { db } from '../db.ts'
import { type Bed, makeBed } from '../pipeline/testing/bed.ts'
import { maySignUp } from './admit.ts'
import { createListener, InviteOver } from './connect.ts'
import { inviteOf, listInvites, makeInvite, openInvite, revokeInvite } from './invites.ts'
import { setAdmin } from './people.ts'

let bed: Bed
let admin: string

beforeAll(async () => {
  bed = await makeBed(undefined, { SIGN_UPS: 'invite' })
})
beforeEach(async () => {
  await db().user.deleteMany()
  await db().invite.deleteMany()
  expect(await maySignUp()).toBeNull()
  admin = (await bed.signIn('load-1')).userId
})
afterAll(() => bed.stop())

const WISH = { note: 'for the band', mostUses: 2, days: 7 }

async function link(wish = WISH) {
  const { invite, link } = await makeInvite(admin, wish)
  return { id: invite.id, link, token: new URL(link).searchParams.get('invite') ?? '' }
}

const accountOf = (name: string) => ({
  create: { type: 'oauth', provider: 'spotify', providerAccountId: `account-${name}` },
})

test('only who has a link may sign up, and the link itself is kept nowhere', async () => {
  const { link: address, token } = await link()
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:3000\/sign-in\?invite=[\w-]{43}$/)
  expect(await maySignUp()).toBe('invite-needed')
  expect(await maySignUp(`${token}x`)).toBe('invite-over')
  expect(await maySignUp(token)).toBeNull()
  const [kept] = await db().$queryRaw<
    { all: string }[]
  >`select coalesce(string_agg(i::text, ' '), '') as all from "Invite" i`
  expect(kept?.all).not.toContain(token)
  const trail = await db().auditEvent.findMany()
  expect(JSON.stringify([trail, await listInvites({ limit: 10 })])).not.toContain(token)
})

test('each listener counts one use, also when more come at once than may', async () => {
  const { token } = await link()
  const invite = await inviteOf(token)
  const came = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((name) => createListener({ name, accounts: accountOf(name) }, invite)),
  )
  expect(came.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  for (const one of came) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(InviteOver)
  expect(await db().user.count({ where: { id: { not: admin } } })).toBe(2)
  expect(await openInvite(token)).toBeNull()
  expect((await listInvites({ limit: 10 })).invites).toMatchObject([{ uses: 2, mostUses: 2, state: 'used up' }])
})

test('a listener who could not be made uses nothing up', async () => {
  const { token } = await link()
  const invite = await inviteOf(token)
  const taken = { name: 'again', accounts: accountOf('load-1') }
  await expect(createListener(taken, invite)).rejects.toThrow()
  expect((await listInvites({ limit: 10 })).invites).toMatchObject([{ uses: 0, state: 'open' }])
})

test.for(['revoked', 'expired', 'of somebody who is no admin any more'] as const)(
  'a link that is %s lets nobody in',
  async (how) => {
    const { id, token } = await link()
    if (how === 'revoked') expect(await revokeInvite(admin, id)).toMatchObject({ state: 'revoked' })
    if (how === 'expired') await db().invite.update({ where: { id }, data: { endsAt: new Date(Date.now() - DAY) } })
    if (how.startsWith('of')) {
      const { userId: other } = await bed.signIn('load-2')
      await setAdmin(admin, other, true)
      await setAdmin(other, admin, false)
    }
    expect(await openInvite(token)).toBeNull()
    expect(await maySignUp(token)).toBe('invite-over')
  },
)

test('links are listed newest first, page by page', async () => {
  for (const note of ['first', 'second', 'third']) await makeInvite(admin, { ...WISH, note })
  const first = await listInvites({ limit: 2 })
  expect(first).toMatchObject({ signUps: 'invite', invites: [{ note: 'third', by: 'load-1' }, { note: 'second' }] })
  const second = await listInvites({ limit: 2, cursor: first.next ?? '' })
  expect(second).toMatchObject({ invites: [{ note: 'first' }], next: null })
})

test('a link that is not there cannot be revoked', async () => {
  await expect(revokeInvite(admin, 'none')).rejects.toMatchObject({ status: 404 })
})
