import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect } from 'vitest'
import { MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { openAlert } from '#lib/notifications/alerts.ts'
import { addChannel } from '#lib/notifications/channels.ts'
import { health } from '#lib/ops/health.ts'
import { plannedAt, sentAt } from '#lib/planning.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { recoverStreamRuns } from '#lib/schedule/plan.ts'
import { test } from '#testing/sync/fixture.ts'

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
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

test.override('options', [
  {
    INNGEST_BASE_URL: url,
    INNGEST_EVENT_KEY: 'no such key',
    INNGEST_SIGNING_KEY: `signkey-test-${'00'.repeat(16)}`,
    WEBHOOKS_TO_LOOPBACK: '1',
    APP_URL: 'https://music.example',
  },
])
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

test('health names a sync whose job is lost until planning resumes it', async ({ harness }) => {
  const { runId } = await harness.signIn('load-2')
  const [request] = await takeStartable(runId)
  const lost = { state: 'running', phase: 'extracting', startedAt: new Date(), attempt: 1 } as const
  const sentAt = new Date(Date.now() - 6 * MINUTE)
  await db().streamRun.update({ where: { id: request?.streamRunId }, data: { ...lost, sentAt } })
  const streamRuns = async () => (await health()).checks.find(({ name }) => name === 'stream runs')
  expect(await streamRuns()).toMatchObject({
    status: 'degraded',
    detail: '1 stopped halfway; planning will resume them',
  })
  await recoverStreamRuns(new Date())
  expect(await streamRuns()).toMatchObject({ status: 'ok' })
})

test('every function with a cron runs one tick at a time', async () => {
  const { functions } = await import('#inngest/index.ts')
  // Not served while MusicBrainz is off.
  const { lookUpQueuedGenres } = await import('./look-up-genres.ts')
  expect(functions).not.toContain(lookUpQueuedGenres)
  const ticking = [...functions, lookUpQueuedGenres]
    .map(({ opts }) => opts)
    .filter(({ triggers = [] }) => [triggers].flat().some((trigger) => 'cron' in trigger))
  expect(ticking.map(({ id }) => id)).toEqual([
    'plan',
    'watch-consent',
    'weekly-summary',
    'pack-landing',
    'look-up-genres',
  ])
  for (const { id, concurrency } of ticking) expect([id, concurrency]).toEqual([id, 1])
})

test('a tick whose events are rejected is not recorded as sent, and still notifies listeners', async ({ harness }) => {
  const { tick } = await import('./plan.ts')
  const { userId } = await harness.signIn('load-1')
  await addChannel({ id: userId }, { kind: 'webhook', label: 'hook', address: `${url}/hook`, events: ['failed'] })
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
