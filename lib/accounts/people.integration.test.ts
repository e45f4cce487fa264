import { expect } from 'vitest'
import { pause } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db } from '#lib/db.ts'
import { plan } from '#lib/schedule/plan.ts'
import { rerun } from '#lib/sync/order-run.ts'
import { test } from '#testing/sync/fixture.ts'
import { changePerson, removeListener } from './people.ts'
import { openAttempt } from './sign-in-attempt.ts'
import { admit } from './sign-up.ts'

let admin: string
let listener: string
let run: string

test.beforeEach(async ({ harness }) => {
  await db().user.deleteMany()
  admin = (await harness.signIn('load-1')).userId
  const signedIn = await harness.signIn('load-2')
  listener = signedIn.userId
  run = signedIn.runId
})

const profile = (name: string) => ({ accountId: `account-${name}`, userId: name, name, image: null })

async function actions(): Promise<(string | null)[][]> {
  const trail = await db().auditEvent.findMany({ where: { actor: admin }, orderBy: { id: 'desc' }, take: 5 })
  return trail.map(({ action, subject }) => [action, subject])
}

async function admins(): Promise<(string | null)[]> {
  return (await db().user.findMany({ where: { isAdmin: true }, orderBy: { name: 'asc' } })).map(({ name }) => name)
}

test('suspending signs a listener out, blocks sign-in and planning, and can be undone', async () => {
  await db().session.create({
    data: { sessionToken: 'open', userId: listener, expires: new Date(Date.now() + 1_000_000) },
  })
  await changePerson(admin, listener, { suspended: true })
  expect(await db().session.count({ where: { userId: listener } })).toBe(0)
  expect(await db().run.findUniqueOrThrow({ where: { id: run } })).toMatchObject({ state: 'cancelled' })
  const attempt = await openAttempt(null)
  expect(await admit(profile('load-2'), attempt)).toBe('suspended')
  await expect(rerun({ id: admin, isAdmin: true }, run)).rejects.toMatchObject({ status: 409, code: 'suspended' })
  await db().schedule.updateMany({ where: { userId: listener }, data: { nextAt: new Date(0) } })
  await plan(new Date())
  expect(await db().run.count({ where: { userId: listener } })).toBe(1)

  await changePerson(admin, listener, { suspended: false })
  expect(await admit(profile('load-2'), attempt)).toBeNull()
  await plan(new Date())
  expect(await db().run.count({ where: { userId: listener } })).toBe(2)
  expect(await db().account.findFirstOrThrow({ where: { userId: listener } })).toMatchObject({ consent: 'given' })
  expect(await actions()).toEqual(
    expect.arrayContaining([
      ['resumed a listener', listener],
      ['suspended a listener', listener],
    ]),
  )
})

test('admins cannot suspend or remove themselves', async () => {
  await expect(changePerson(admin, admin, { suspended: true })).rejects.toMatchObject({ status: 409, code: 'oneself' })
  await expect(removeListener(admin, admin, 'load-1')).rejects.toMatchObject({ status: 409, code: 'oneself' })
})

test('grants and removes admin rights, and protects the last admin', async () => {
  await expect(changePerson(admin, admin, { isAdmin: false })).rejects.toMatchObject({
    status: 409,
    code: 'last-admin',
  })
  await changePerson(admin, listener, { isAdmin: true })
  expect(await admins()).toEqual(['load-1', 'load-2'])
  await changePerson(listener, admin, { isAdmin: false })
  expect(await admins()).toEqual(['load-2'])
  await expect(changePerson(listener, listener, { isAdmin: false })).rejects.toMatchObject({ code: 'last-admin' })
})

/** How many connections wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await db().$queryRaw<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  return row?.count ?? 0
}

/** Runs actions so that all have started before any of them can continue. */
async function atOnce(tasks: (() => Promise<unknown>)[]): Promise<PromiseSettledResult<unknown>[]> {
  let all: Promise<PromiseSettledResult<unknown>[]> | undefined
  await db().$transaction(
    async (tx) => {
      await tx.$queryRaw`select 1 from "User" for update`
      all = Promise.allSettled(tasks.map((task) => task()))
      while ((await waiting()) < tasks.length) await pause(5)
    },
    { timeout: 20_000 },
  )
  return (await all) ?? []
}

test('two admins who suspend each other at once leave one active', async () => {
  await changePerson(admin, listener, { isAdmin: true })
  const outcomes = await atOnce([
    () => changePerson(admin, listener, { suspended: true }),
    () => changePerson(listener, admin, { suspended: true }),
  ])
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await db().user.count({ where: { isAdmin: true, suspendedAt: null } })).toBe(1)
})

test('two admins who remove each other at once leave one, with all their data', async () => {
  await changePerson(admin, listener, { isAdmin: true })
  const outcomes = await atOnce([
    () => removeListener(admin, listener, 'load-2'),
    () => removeListener(listener, admin, 'load-1'),
  ])
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'last-admin' } })
  expect(await db().user.findMany()).toMatchObject([{ isAdmin: true, erasingAt: null }])
  expect(await db().account.findMany()).toMatchObject([{ consent: 'given' }])
})

test('a suspended admin can no longer remove the last one', async () => {
  await changePerson(admin, listener, { isAdmin: true })
  await changePerson(listener, admin, { suspended: true })
  await expect(removeListener(admin, listener, 'load-2')).rejects.toMatchObject({ status: 409, code: 'last-admin' })
  expect(await admins()).toEqual(['load-1', 'load-2'])
  expect(await db().account.count({ where: { userId: listener, consent: 'given' } })).toBe(1)
})

test('applies two changes in one request together or not at all', async ({ harness }) => {
  const both = { suspended: true, isAdmin: false }
  const { userId: third } = await harness.signIn('load-3')
  await changePerson(admin, listener, { isAdmin: true })
  await changePerson(admin, third, { isAdmin: true })
  await changePerson(admin, third, both)
  expect(await db().user.findUniqueOrThrow({ where: { id: third } })).toMatchObject({
    isAdmin: false,
    suspendedAt: expect.any(Date),
  })
  settings().ADMINS.push('load-1')
  try {
    await expect(changePerson(admin, listener, both)).rejects.toMatchObject({ code: 'admins-are-set' })
  } finally {
    settings().ADMINS.pop()
  }
  expect(await db().user.findUniqueOrThrow({ where: { id: listener } })).toMatchObject({
    isAdmin: true,
    suspendedAt: null,
  })
})

test('a suspended admin does not count as a remaining one', async () => {
  await changePerson(admin, listener, { isAdmin: true })
  await changePerson(admin, listener, { suspended: true })
  await expect(changePerson(admin, admin, { isAdmin: false })).rejects.toMatchObject({ code: 'last-admin' })
})

test('refuses manual admin changes where ADMINS is set', async () => {
  settings().ADMINS.push('load-1')
  try {
    await expect(changePerson(admin, listener, { isAdmin: true })).rejects.toMatchObject({
      status: 409,
      code: 'admins-are-set',
    })
  } finally {
    settings().ADMINS.pop()
  }
  expect(await admins()).toEqual(['load-1'])
})

test('removes a listener and all their data after the name is typed', async () => {
  await expect(removeListener(admin, listener, 'load-1')).rejects.toMatchObject({ status: 400 })
  const { postgresRows } = await removeListener(admin, listener, 'load-2')
  expect(postgresRows).toMatchObject({ listeners: 1, accounts: 1 })
  expect(await db().user.count({ where: { id: listener } })).toBe(0)
  expect(await actions()).toContainEqual(['removed a listener', listener])
  await expect(removeListener(admin, listener, 'load-2')).rejects.toMatchObject({ status: 404 })
  await expect(changePerson(admin, listener, { suspended: true })).rejects.toMatchObject({ status: 404 })
})
