import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'vitest'
import { HOUR, pause } from '#lib/core/clock.ts'
import { Wait } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { tidyLimits, withinLimits } from './request-limits.ts'

const WINDOW = { seconds: 2, requests: 90 }
const LIKED = 'user_saved_tracks_stream'

test.override('options', [{}, WINDOW])

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await db().requestLimit.deleteMany()
  await db().requestSlot.deleteMany()
})

test('there are never more requests in flight than allowed', async ({ harness }) => {
  await harness.configure({ latencyMs: 60 })
  const one = await harness.signIn('load-1')
  const other = await harness.signIn('load-2')
  await Promise.all([runToEnd(harness, one.runId), runToEnd(harness, other.runId)])
  const { maxInFlight } = await harness.stats()
  for (const path of ['/me/top/tracks', '/me/top/artists', '/me/player/recently-played', '/me/following'])
    expect([path, (maxInFlight[path] ?? 0) <= 2]).toEqual([path, true])
  for (const path of ['/me/tracks', '/me/albums', '/me/playlists'])
    expect([path, (maxInFlight[path] ?? 0) <= 4]).toEqual([path, true])
  expect(maxInFlight['/me/tracks']).toBeGreaterThan(2)
  expect(maxInFlight['/playlists/{id}/items']).toBe(1)
})

test('two processes that read at once share the limits', async ({ harness }) => {
  const runs = [await harness.signIn('load-3'), await harness.signIn('load-4')]
  for (const listener of ['load-3', 'load-4'])
    await harness.configure({ changes: [{ what: 'like', listener, count: 400 }] })
  await db().streamRun.deleteMany({ where: { stream: { not: LIKED }, runId: { in: runs.map(({ runId }) => runId) } } })
  await harness.configure({ latencyMs: 200 })
  const ends = runs.map(({ runId }) => {
    const args = [join(import.meta.dirname, '../../testing/sync/run-until-killed.ts'), runId]
    return once(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit')
  })
  expect(await Promise.all(ends)).toEqual([
    [0, null],
    [0, null],
  ])
  const read = await db().streamRun.findMany({ where: { runId: { in: runs.map(({ runId }) => runId) } } })
  expect(read.map(({ state }) => state)).toEqual(['succeeded', 'succeeded'])
  const [lastBegin, firstEnd] = [
    Math.max(...read.map(({ startedAt }) => Number(startedAt))),
    Math.min(...read.map(({ extractedAt }) => Number(extractedAt))),
  ]
  expect(lastBegin, 'they read at the same time').toBeLessThan(firstEnd)
  expect((await harness.stats()).maxInFlight['/me/tracks']).toBe(4)
})

test('reading a long list through a small window is refused in fewer than 1 of 20 requests', async ({ harness }) => {
  const { runId } = await harness.signIn('juniper-lake')
  const run = await runToEnd(harness, runId, [LIKED])
  expect(run.state).toBe('succeeded')
  const { requests, tooMany } = await harness.stats()
  expect(requests['/me/tracks']).toBeGreaterThan(150)
  expect(tooMany).toBeLessThan(0.05 * (requests['/me/tracks'] ?? 0))
})

async function app(clientId: string) {
  return db().spotifyApp.upsert({ where: { clientId }, create: { clientId, developerAccount: clientId }, update: {} })
}

const refusal = (kind: 'rate' | 'quota', ms: number) => () =>
  Promise.reject(new Wait('not now', new Date(Date.now() + ms), { remedy: '', context: { kind } }))

test('a blocked app delays no other app', async () => {
  const [blocked, free] = [await app('blocked'), await app('free')]
  await expect(withinLimits(blocked, 'top', refusal('rate', HOUR))).rejects.toThrow('not now')
  await expect(withinLimits(blocked, 'library', async () => 'answer')).rejects.toMatchObject({ recovery: 'wait' })
  expect(await withinLimits(free, 'top', async () => 'answer')).toBe('answer')
})

test('a spent quota blocks only its request group', async () => {
  const spent = await app('spent')
  await expect(withinLimits(spent, 'library', refusal('quota', HOUR))).rejects.toThrow('not now')
  await expect(withinLimits(spent, 'library', async () => 'answer')).rejects.toMatchObject({ recovery: 'wait' })
  expect(await withinLimits(spent, 'player', async () => 'answer')).toBe('answer')
})

test('a pause applies to the whole app; shares are halved, then restored slowly', async () => {
  const slowed = await app('slowed')
  const begin = Date.now()
  await expect(withinLimits(slowed, 'library', refusal('rate', 400))).rejects.toThrow('not now')
  await withinLimits(slowed, 'top', async () => 'answer')
  expect(Date.now() - begin).toBeGreaterThanOrEqual(400)
  const share = async () =>
    (await db().requestLimit.findFirstOrThrow({ where: { spotifyAppId: slowed.id, group: 'library' } })).share
  expect(await share()).toBe(0.5)
  await withinLimits(slowed, 'library', async () => 'answer')
  expect(await share()).toBeCloseTo(0.52)
})

test('a pause after a few requests teaches nothing about the window', async () => {
  const fresh = await app('fresh')
  await expect(withinLimits(fresh, 'top', refusal('rate', 0))).rejects.toThrow('not now')
  const limits = await db().requestLimit.findMany({ where: { spotifyAppId: fresh.id } })
  expect(limits.map(({ windowLimit }) => windowLimit)).toEqual([null, null])
})

test('a slot whose holder died is free after its lease, and old slots are deleted', async () => {
  const held = await app('held')
  await withinLimits(held, 'playlist items', async () => 'answer')
  const id = 'a holder that died'
  const now = Date.now()
  const base = { id, spotifyAppId: held.id, group: 'playlist items', startedAt: new Date(now) }
  await db().requestSlot.create({ data: { ...base, expiresAt: new Date(now + 150) } })
  expect(await withinLimits(held, 'playlist items', async () => Date.now())).toBeGreaterThanOrEqual(now + 150)
  await pause(1)
  await tidyLimits(new Date(now + HOUR))
  expect(await db().requestSlot.count({ where: { spotifyAppId: held.id } })).toBe(0)
})
