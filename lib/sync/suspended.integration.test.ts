import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { loadNext } from '#lib/load/load.ts'
import { openAlert } from '#lib/notifications/alerts.ts'
import { addChannel } from '#lib/notifications/channels.ts'
import { hasMessages, sendMessages } from '#lib/notifications/send.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import { runOf } from '#testing/sync/run-jobs.ts'
import { rerun } from './order-run.ts'

test.override('options', [{ WEBHOOKS_TO_LOOPBACK: '1', APP_URL: 'https://music.example' }])

/** A suspended listener's runs and messages stop, and nothing is lost for later. */

const TOP = 'user_top_tracks_st_stream'
const PLAYS = 'user_recently_played_stream'

test.beforeEach(async ({ listener: { runId } }) => {
  await db().streamRun.deleteMany({ where: { runId, stream: { notIn: [TOP, PLAYS] } } })
})

async function suspended({ userId }: TestListener, suspendedAt: Date | null): Promise<void> {
  await db().user.update({ where: { id: userId }, data: { suspendedAt } })
}

test('no slice is read, nothing is loaded, and the plan ends the run', async ({ harness, listener }) => {
  const [first, second] = await takeStartable(listener.runId)
  if (!first || !second) throw new Error('There was nothing to start')
  const read = await extractSlice(first)
  await suspended(listener, new Date())
  const before = await harness.stats()
  expect(await extractSlice(second)).toMatchObject({ more: false, connections: [] })
  expect((await harness.stats()).requests).toEqual(before.requests)
  for (const id of read.connections) expect(await loadNext(id, 'loader')).toEqual({ more: false })
  expect(await db().loadLedger.count({ where: { read: { userId: listener.userId }, state: 'waiting' } })).toBe(1)

  expect((await plan(new Date())).requests).toEqual([])
  expect(await runOf(listener.runId)).toMatchObject({ state: 'cancelled' })

  await suspended(listener, null)
  for (const id of read.connections) expect(await loadNext(id, 'loader')).toMatchObject({ more: true })
})

test('not even an admin can re-run a load', async ({ listener }) => {
  await db().run.update({ where: { id: listener.runId }, data: { kind: 'load' } })
  await suspended(listener, new Date())
  await expect(rerun({ id: 'admin', isAdmin: true }, listener.runId)).rejects.toMatchObject({ code: 'suspended' })
})

test('no message is sent, neither a waiting one nor a new one', async ({ listener }) => {
  const address = 'http://127.0.0.1:9/hook'
  await addChannel({ id: listener.userId }, { kind: 'webhook', label: 'hook', address, events: ['failed'] })
  await openAlert(listener.userId, { kind: 'stale' }, { problem: 'Late', remedy: null })
  expect(await hasMessages()).toBe(true)
  await suspended(listener, new Date())
  await sendMessages()
  await openAlert(listener.userId, { kind: 'consent' }, { problem: 'Over', remedy: null })
  expect(await hasMessages()).toBe(false)
  expect(await db().message.findMany({ where: { channel: { userId: listener.userId } } })).toMatchObject([
    { attempts: 1, sentAt: null },
  ])
  await suspended(listener, null)
  expect(await hasMessages()).toBe(false)
})
