import { createHmac } from 'node:crypto'
import { afterAll, beforeEach, expect, vi } from 'vitest'
import { createListener } from '#lib/accounts/connect.ts'
import type { ChannelForm } from '#lib/api/channels.ts'
import { CHANNEL_KINDS } from '#lib/channels/kinds.ts'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { log } from '#lib/core/log.ts'
import { db, type User } from '#lib/db.ts'
import { startHttpReceiver, startMailServer } from '#testing/receivers.ts'
import { test as base } from '#testing/sync/fixture.ts'
import { notify, openAlert, resolveAlert } from './alerts.ts'
import { addChannel, changeChannel, channelsOf, removeChannel } from './channels.ts'
import { warnOfUnencryptedMail } from './legacy.ts'
import { hasMessages, sendMessages } from './send.ts'
import { sealTarget } from './target.ts'
import { testChannel } from './test-channel.ts'
import { deleteOldRecords } from './tidy.ts'

/** Messages to real receivers over HTTP and SMTP. */

const http = await startHttpReceiver()
const mail = await startMailServer()

const test = base.extend('ada', () => createListener({ name: 'Ada', zone: 'Asia/Kolkata' }))

test.override('options', [
  {
    APP_URL: 'https://music.example',
    WEBHOOKS_TO_LOOPBACK: '1',
    SMTP_URL: mail.url,
    SMTP_FROM: 'Tracklake <tracklake@music.example>',
  },
])
beforeEach(async () => {
  await db().user.deleteMany()
  http.received.length = 0
  mail.mails.length = 0
  http.respond(200)
})
afterAll(async () => {
  await http.close()
  await mail.close()
})

const EVENTS: ChannelForm['events'] = ['failed', 'recovered']

async function add(ada: User, form: Partial<ChannelForm> = {}) {
  const kind = form.kind ?? 'webhook'
  const address = kind === 'email' ? 'ada@example.com' : `${http.origin}/hook`
  return addChannel(ada, { kind, label: kind, address, events: EVENTS, ...form })
}

const alert = {
  problem: 'Spotify answers <nothing> & waits',
  remedy: 'Nothing to do.',
  runId: '01RUN',
  facts: { Stream: 'Liked songs' },
}

async function later(ms: number): Promise<void> {
  while (await sendMessages(new Date(Date.now() + ms + 1000)));
}

test.for(CHANNEL_KINDS)(
  'an alert arrives by %s with run, stream, time, problem, remedy and link',
  async (kind, { ada }) => {
    await add(ada, { kind })
    await openAlert(ada.id, { kind: 'stream', stream: 'user_saved_tracks_stream' }, alert)
    await sendMessages()
    const arrived =
      kind === 'email'
        ? mail.mails.map(({ text }) => text.replaceAll(/=\r\n/g, '').replaceAll('=20', ' '))
        : http.received.map(({ body }) => body)
    expect(arrived).toHaveLength(1)
    for (const part of [
      '01RUN',
      'Liked songs',
      'Spotify answers',
      'Nothing to do.',
      'https://music.example/runs/01RUN',
    ])
      expect(arrived[0]).toContain(part)
    expect(arrived[0]).toMatch(kind === 'webhook' ? /"at":"20/ : /Asia\/Kolkata/)
    const [saved] = (await channelsOf(ada)).channels
    expect(saved).toMatchObject({ problem: null, lastSentAt: expect.any(String) })
  },
)

test('the text of a message cannot mention people or create links at the receiver', async ({ ada }) => {
  await add(ada, { kind: 'slack' })
  await add(ada, { kind: 'discord' })
  const hostile = { ...alert, problem: '<!channel> <https://elsewhere.example|Click>' }
  await openAlert(ada.id, { kind: 'stale' }, hostile)
  await sendMessages()
  const [slack, discord] = http.received.map(({ body }) => body).toSorted((one) => (one.includes('blocks') ? -1 : 1))
  expect(slack).toContain('&lt;!channel&gt;')
  expect(slack).not.toContain('<!channel>')
  expect(JSON.parse(discord ?? '')).toMatchObject({ allowed_mentions: { parse: [] } })
})

test('a webhook signature covers id, time and body', async ({ ada }) => {
  const { signingSecret } = await add(ada)
  await openAlert(ada.id, { kind: 'stale' }, alert)
  await sendMessages()
  const [arrived] = http.received
  const headers = arrived?.headers ?? {}
  const key = Buffer.from((signingSecret ?? '').replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${arrived?.body}`
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  expect(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp']))).toBeLessThan(60)
})

test('a protected topic gets its token, and a new server does not get the old token', async ({ ada }) => {
  const { channel } = await add(ada, { kind: 'ntfy', address: `${http.origin}/sub/my-topic`, token: 'tk_secret' })
  await testChannel(ada, channel.id)
  expect(http.received[0]).toMatchObject({ path: '/sub', headers: { authorization: 'Bearer tk_secret' } })
  expect(JSON.parse(http.received[0]?.body ?? '')).toMatchObject({ topic: 'my-topic' })
  await changeChannel(ada, channel.id, { address: `${http.origin}/other-topic` })
  await testChannel(ada, channel.id)
  expect(http.received[1]?.headers.authorization).toBeUndefined()
})

test('an alert is notified once however often it recurs, and once when it is resolved', async ({ ada }) => {
  await add(ada)
  for (let retry = 0; retry < 5; retry++) await openAlert(ada.id, { kind: 'warehouse' }, alert)
  await Promise.all([1, 2, 3].map(() => openAlert(ada.id, { kind: 'warehouse' }, alert)))
  await later(0)
  expect(http.received).toHaveLength(1)
  await Promise.all([1, 2, 3].map(() => resolveAlert(ada.id, { kind: 'warehouse' })))
  await later(0)
  expect(http.received.map(({ body }) => JSON.parse(body).event)).toEqual(['failed', 'recovered'])
  expect(JSON.parse(http.received[1]?.body ?? '').facts).toMatchObject({
    'Earlier problem': alert.problem,
    Since: expect.any(String),
  })
  await openAlert(ada.id, { kind: 'warehouse' }, alert)
  await later(0)
  expect(http.received).toHaveLength(3)
})

test('a channel gets only its events, and each subject once', async ({ ada }) => {
  await add(ada, { events: ['consent ending'] })
  await add(ada, { kind: 'email', events: ['weekly summary'] })
  const notification = { event: 'consent ending', subject: '7 days', title: 'Your consent ends', facts: {} } as const
  await Promise.all([notify(ada.id, notification), notify(ada.id, notification)])
  await notify(ada.id, notification)
  await later(0)
  expect(http.received).toHaveLength(1)
  expect(mail.mails).toHaveLength(0)
})

test('a dead receiver is tried a few times with longer pauses, then given up, and delays no other channel', async ({
  ada,
}) => {
  const dead = await startHttpReceiver()
  await dead.close()
  await add(ada, { label: 'dead', address: `${dead.origin}/hook` })
  await add(ada, { kind: 'email' })
  await openAlert(ada.id, { kind: 'stale' }, alert)
  await sendMessages()
  expect(mail.mails).toHaveLength(1)
  const problem = (await channelsOf(ada)).channels.find(({ label }) => label === 'dead')?.problem
  expect(problem).toContain('cannot be reached')
  expect(problem).not.toContain('127.0.0.1')
  expect(await hasMessages()).toBe(false)
  const pauses: number[] = []
  for (let tried = 1; await hasMessages(new Date(Date.now() + 100 * HOUR)); tried++) {
    const waiting = await db().message.findFirstOrThrow({ where: { nextAt: { not: null } } })
    pauses.push(Math.round(((waiting.nextAt?.getTime() ?? 0) - Date.now()) / MINUTE))
    expect(waiting.attempts).toBe(tried)
    await db().message.updateMany({ where: { id: waiting.id }, data: { nextAt: new Date() } })
    await sendMessages()
  }
  expect(pauses).toEqual([1, 5, 30, 120, 360])
  const [message] = await db().message.findMany({ where: { channel: { label: 'dead' } } })
  expect(message).toMatchObject({
    nextAt: null,
    sentAt: null,
    problem: expect.stringContaining('gave up on this message after 6 attempts'),
  })
  expect(mail.mails).toHaveLength(1)
})

test('messages behind one that cannot be sent keep their attempts, and all arrive in order later', async ({ ada }) => {
  await add(ada)
  http.respond(503)
  for (const subject of ['first', 'second', 'third'])
    await notify(ada.id, { event: 'failed', subject, title: subject, facts: {} })
  await sendMessages()
  expect(http.received).toHaveLength(1)
  const waiting = await db().message.findMany({ orderBy: { id: 'asc' } })
  expect(waiting.map(({ attempts }) => attempts)).toEqual([1, 0, 0])
  http.respond(200)
  await later(MINUTE)
  expect(http.received.slice(1).map(({ body }) => JSON.parse(body).title)).toEqual(['first', 'second', 'third'])
  const ids = http.received.map(({ headers }) => headers['webhook-id'])
  expect(ids[0]).toBe(ids[1])
  expect((await channelsOf(ada)).channels[0]?.problem).toBeNull()
})

test.for([
  [301, 'redirect'],
  [404, 'refuses'],
  [410, 'refuses'],
] as const)('a %i response is final: no retry, and no redirect is followed', async ([status, words], { ada }) => {
  const elsewhere = await startHttpReceiver()
  await add(ada)
  http.respond(status, { location: `${elsewhere.origin}/inside` })
  await openAlert(ada.id, { kind: 'stale' }, alert)
  await sendMessages()
  expect((await channelsOf(ada)).channels[0]?.problem).toContain(words)
  expect(await hasMessages(new Date(Date.now() + 100 * HOUR))).toBe(false)
  expect(elsewhere.received).toHaveLength(0)
  await elsewhere.close()
})

test('a Retry-After of the receiver is respected', async ({ ada }) => {
  await add(ada)
  http.respond(429, { 'retry-after': '1800' })
  await openAlert(ada.id, { kind: 'stale' }, alert)
  await sendMessages()
  expect(await hasMessages(new Date(Date.now() + 29 * MINUTE))).toBe(false)
  expect(await hasMessages(new Date(Date.now() + 31 * MINUTE))).toBe(true)
})

test('two senders at once send each message once', async ({ ada }) => {
  await add(ada)
  for (let n = 0; n < 20; n++) await notify(ada.id, { event: 'failed', subject: `${n}`, title: `${n}`, facts: {} })
  await Promise.all([sendMessages(), sendMessages(), sendMessages()])
  await db().$transaction(async (tx) => {
    await notify(ada.id, { event: 'failed', subject: 'held', title: 'held', facts: {} })
    // As if another sender was about to claim it.
    await tx.$queryRaw`select id from "Message" for update`
    await sendMessages()
    expect(http.received).toHaveLength(20)
  })
  await later(0)
  expect(new Set(http.received.map(({ headers }) => headers['webhook-id'])).size).toBe(21)
  expect(http.received).toHaveLength(21)
})

test('a message whose sender died is sent again', async ({ ada }) => {
  await add(ada)
  await notify(ada.id, { event: 'failed', subject: 'once', title: 'once', facts: {} })
  // As after a crash between claiming and sending it.
  await db().message.updateMany({ data: { nextAt: new Date(Date.now() + 3 * MINUTE), attempts: 1 } })
  await sendMessages()
  expect(http.received).toHaveLength(0)
  await later(3 * MINUTE)
  expect(http.received).toHaveLength(1)
})

test('the test button shows at once whether the message arrived', async ({ ada }) => {
  const { channel } = await add(ada, { kind: 'email', address: 'nobody@example.com' })
  expect(await testChannel(ada, channel.id)).toMatchObject({
    arrived: false,
    problem: expect.stringContaining('550'),
  })
  await changeChannel(ada, channel.id, { address: 'ada@example.com' })
  expect(await testChannel(ada, channel.id)).toMatchObject({ arrived: true })
  expect(mail.mails.map(({ to }) => to)).toEqual([['ada@example.com']])
})

/** The same mail server by an address that does not count as this machine. */
const elsewhere = mail.url.replace('127.0.0.1', '0.0.0.0')

test('sends no unencrypted email to other machines unless the operator allows it or it was used before', async ({
  ada,
}) => {
  const { channel } = await add(ada, { kind: 'email' })
  settings().SMTP_URL = elsewhere
  expect(await testChannel(ada, channel.id)).toMatchObject({
    arrived: false,
    problem: expect.stringContaining("doesn't offer encryption"),
    remedy: expect.stringContaining('SMTP_TLS=off'),
  })
  settings().SMTP_URL = `${elsewhere}?ignoreTLS=true&requireTLS=false`
  expect(await testChannel(ada, channel.id)).toMatchObject({ arrived: false })
  settings().SMTP_URL = elsewhere
  settings().SMTP_TLS = 'off'
  expect(await testChannel(ada, channel.id)).toMatchObject({ arrived: true })

  settings().SMTP_TLS = undefined
  await db().instanceFact.create({ data: { name: 'mail may be unencrypted', value: '' } })
  expect(await testChannel(ada, channel.id)).toMatchObject({ arrived: true })
  const [listed] = (await channelsOf(ada)).channels
  expect(listed?.warning).toContain('SMTP_TLS=required')
  const warn = vi.spyOn(log, 'warn').mockReturnValue()
  await warnOfUnencryptedMail()
  expect(warn).toHaveBeenCalledWith(listed?.warning)
  warn.mockRestore()
  // The exemption is for the server that it was used with.
  settings().SMTP_URL = elsewhere.replace('0.0.0.0', '[::ffff:0.0.0.0]')
  expect(await testChannel(ada, channel.id)).toMatchObject({
    arrived: false,
    problem: expect.stringContaining("doesn't offer encryption"),
  })
  settings().SMTP_URL = elsewhere
  settings().SMTP_TLS = 'required'
  expect(await testChannel(ada, channel.id)).toMatchObject({ arrived: false })
  settings().SMTP_TLS = undefined
  settings().SMTP_URL = mail.url
  await db().instanceFact.deleteMany({ where: { name: { contains: 'unencrypted' } } })
})

test('requires an allowed port for new webhooks; saved ones keep working with a warning', async ({ ada }) => {
  const { channel } = await add(ada)
  await expect(add(ada, { address: 'https://example.com:8080/hook' })).rejects.toMatchObject({
    status: 400,
    message: "Port 8080 isn't allowed, only 443 or 8443. The operator can allow more with WEBHOOK_PORTS",
  })
  const saved = sealTarget(channel.id, { address: 'https://example.com:8080/hook', secret: 'whsec_c2VjcmV0' })
  await db().notificationChannel.update({ where: { id: channel.id }, data: { target: saved } })
  expect((await channelsOf(ada)).channels[0]?.warning).toContain("Port 8080 isn't allowed")
  settings().WEBHOOK_PORTS = [8080]
  expect((await channelsOf(ada)).channels[0]?.warning).toBeNull()
  settings().WEBHOOK_PORTS = [443, 8443]
})

const refusedOf = async (work: Promise<unknown>[]) =>
  (await Promise.allSettled(work)).flatMap((one) => (one.status === 'rejected' ? one.reason.status : []))

test('a mailbox cannot be flooded, neither by many tests nor by adding the channel again', async ({ ada }) => {
  const { channel } = await add(ada)
  expect(await refusedOf(Array.from({ length: 22 }, () => testChannel(ada, channel.id)))).toEqual([429, 429])
  await removeChannel(ada, channel.id)
  const again = await add(ada)
  await expect(testChannel(ada, again.channel.id)).rejects.toMatchObject({ status: 429 })
  expect(http.received).toHaveLength(20)

  for (let n = 0; n < 19; n++) await removeChannel(ada, (await add(ada, { kind: 'email' })).channel.id)
  const last = await add(ada, { kind: 'email' })
  await expect(changeChannel(ada, last.channel.id, { address: 'eve@example.com' })).rejects.toMatchObject({
    status: 429,
  })
  expect((await changeChannel(ada, last.channel.id, { label: 'mine' })).channel.label).toBe('mine')
  await expect(add(ada, { kind: 'email' })).rejects.toMatchObject({ status: 429 })
})

test('of many channels added at once, ten are saved', async ({ ada }) => {
  expect(await refusedOf(Array.from({ length: 12 }, () => add(ada)))).toEqual([409, 409])
  expect((await channelsOf(ada)).channels).toHaveLength(10)
})

test('addresses are sealed, and a wrong one changes nothing', async ({ ada }) => {
  const { channel } = await add(ada)
  const { target } = await db().notificationChannel.findUniqueOrThrow({ where: { id: channel.id } })
  expect(target).toMatch(/^seal\.test\./)
  expect(JSON.stringify(await channelsOf(ada))).not.toContain('/hook')
  const wrong = changeChannel(ada, channel.id, { address: 'https://10.0.0.1/', label: 'new' })
  await expect(wrong).rejects.toMatchObject({ status: 400, fields: { address: expect.stringContaining('public') } })
  await expect(add(ada, { kind: 'email', address: 'no address' })).rejects.toMatchObject({
    fields: { address: expect.any(String) },
  })
  const after = await db().notificationChannel.findMany()
  expect(after).toEqual([expect.objectContaining({ target, label: 'webhook' })])
})

test('old records are deleted, open alerts and waiting messages are not', async ({ ada }) => {
  await add(ada)
  await openAlert(ada.id, { kind: 'stale' }, alert)
  await resolveAlert(ada.id, { kind: 'stale' })
  await openAlert(ada.id, { kind: 'warehouse' }, alert)
  await db().message.updateMany({ where: { event: 'recovered' }, data: { nextAt: null } })
  const remaining = async () => ({
    alerts: (await db().alert.findMany()).map(({ kind }) => kind),
    messages: await db().message.count(),
    actions: await db().auditEvent.count({ where: { actor: ada.id } }),
  })
  await deleteOldRecords(new Date(Date.now() + 199 * DAY))
  expect(await remaining()).toEqual({ alerts: ['stale', 'warehouse'], messages: 3, actions: 1 })
  await deleteOldRecords(new Date(Date.now() + 367 * DAY))
  expect(await remaining()).toEqual({ alerts: ['warehouse'], messages: 2, actions: 0 })
})

test('a channel belongs to its listener', async ({ ada }) => {
  const { channel } = await add(ada)
  const stranger = await createListener({ name: 'Eve' })
  const refused = { status: 404 }
  await expect(changeChannel(stranger, channel.id, { label: 'mine' })).rejects.toMatchObject(refused)
  await expect(removeChannel(stranger, channel.id)).rejects.toMatchObject(refused)
  await expect(testChannel(stranger, channel.id)).rejects.toMatchObject(refused)
  expect((await channelsOf(stranger)).channels).toEqual([])
  expect((await removeChannel(ada, channel.id)).channels).toEqual([])
})
