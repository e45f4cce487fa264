import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { db } from '#lib/db.ts'
import { openAlert } from '#lib/notifications/alerts.ts'
import { addChannel } from '#lib/notifications/channels.ts'
import { plannedAt, sentAt } from '#lib/planning.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'

// A fake Inngest that rejects the event key until `knowsKey` is set, and a webhook that counts notifications.
let knowsKey = false
let notified = 0
const server = createServer((request, response) => {
  if (request.url === '/hook') {
    notified++
    return response.end()
  }
  const body = knowsKey ? { ids: ['one'], status: 200 } : { error: 'Event key not found', status: 401 }
  response.writeHead(body.status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
})

let harness: Harness
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  harness = await startHarness({
    INNGEST_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    INNGEST_EVENT_KEY: 'no such key',
    INNGEST_SIGNING_KEY: `signkey-test-${'00'.repeat(16)}`,
    WEBHOOKS_TO_LOOPBACK: '1',
    APP_URL: 'https://music.example',
  })
})
afterAll(async () => {
  await harness.stop()
  server.close()
  server.closeAllConnections()
})

test('a tick whose events are rejected is not recorded as sent, and still notifies listeners', async () => {
  const { tick } = await import('./plan.ts')
  const { userId } = await harness.signIn('load-1')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  await addChannel({ id: userId }, { kind: 'webhook', label: 'hook', address, events: ['failed'] })
  await openAlert(userId, { kind: 'stale' }, { problem: 'Not fetched', remedy: 'Open Runs.' })

  await expect(tick()).rejects.toThrow()
  expect(await plannedAt()).not.toBeNull()
  expect(await sentAt()).toBeNull()
  expect(notified).toBe(1)

  knowsKey = true
  await openAlert(userId, { kind: 'consent' }, { problem: 'Over', remedy: 'Reconnect.' })
  await tick()
  expect(await sentAt()).not.toBeNull()
  expect(await db().message.count({ where: { nextAt: { not: null } } })).toBe(1)
})
