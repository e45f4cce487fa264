import { afterEach, beforeEach, expect, vi } from 'vitest'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { watchStale } from '#lib/ops/stale-watch.ts'
import { plannedAt, recordPlanned } from '#lib/planning.ts'
import { learnQuota } from '#lib/quota/learned-limits.ts'
import type { Viewer } from '#lib/runs/run-responses.ts'
import { runNow } from '#lib/sync/order-run.ts'
import { test as base } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { runToEnd, runNow as syncNow } from '#testing/sync/run-jobs.ts'
import { correctClockSkew } from './clock-skew.ts'

/** What a clock that was ten days ahead leaves behind once it is corrected. */

const TOP = 'user_top_tracks_st_stream'
const PLAYS = 'user_recently_played_stream'
const AHEAD_MS = 10 * DAY

const test = base.extend('viewer', ({ listener }): Viewer => {
  // The listener signed in by the right clock. From now on it is ahead.
  vi.setSystemTime(Date.now() + AHEAD_MS)
  return { id: listener.userId, isAdmin: false }
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Math.floor(Date.now() / DAY) * DAY + 12 * HOUR + 30 * MINUTE)
})
afterEach(() => {
  vi.useRealTimers()
})

/** Reads two streams while the clock is ahead. */
async function readAhead(harness: Harness, viewer: Viewer): Promise<void> {
  const { id } = await db().run.findFirstOrThrow({ where: { userId: viewer.id } })
  await harness.setTime(new Date())
  await runToEnd(harness, id, [TOP, PLAYS])
  await syncNow(harness, viewer.id, [TOP, PLAYS])
  await recordPlanned(new Date())
}

async function correctClock(harness: Harness): Promise<void> {
  vi.setSystemTime(Date.now() - AHEAD_MS)
  await harness.setTime(new Date())
  await correctClockSkew(new Date())
}

test('what was read, requested and learned while the clock was ahead counts as recent, for as long as it should', async ({
  harness,
  viewer,
}) => {
  await readAhead(harness, viewer)
  await learnQuota('somebody', 'top', new Date(Date.now() + HOUR))
  await db().requestLimit.updateMany({ data: { learnedAt: new Date() } })
  const hour = new Date(Math.floor(Date.now() / HOUR) * HOUR)
  const before = { developerAccount: 'somebody', group: 'top', requests: 5, refused: 1 }
  await db().quotaHour.create({ data: { ...before, hour } })
  await db().quotaHour.create({ data: { ...before, hour: new Date(hour.getTime() - AHEAD_MS) } })
  await correctClock(harness)

  const late = { gt: new Date() }
  expect(await db().poll.count({ where: { at: late } })).toBe(0)
  expect(await db().streamRun.count({ where: { endedAt: late } })).toBe(0)
  expect(await db().run.count({ where: { endedAt: late } })).toBe(0)
  expect(await db().quotaGroup.count({ where: { learnedAt: late } })).toBe(0)
  expect(await db().requestLimit.count({ where: { learnedAt: late } })).toBe(0)
  expect(await db().quotaHour.count({ where: { hour: late } })).toBe(0)
  expect(await db().quotaHour.findMany({ where: { developerAccount: 'somebody' } })).toEqual([
    { ...before, hour: new Date(hour.getTime() - AHEAD_MS), requests: 10, refused: 2 },
  ])
})

test('"Sync now" skips nothing ten minutes later', async ({ harness, viewer }) => {
  await readAhead(harness, viewer)
  await correctClock(harness)
  vi.setSystemTime(Date.now() + 11 * MINUTE)
  const { leftOut } = await runNow(viewer, { streams: [TOP, PLAYS] })
  expect(leftOut).toEqual([])
})

test('a missed poll is noticed as soon as usual, whatever is wrong with other listeners', async ({
  harness,
  viewer,
}) => {
  await db().user.updateMany({ where: { id: { not: viewer.id } }, data: { zone: 'Europe/Atlantis' } })
  await watchStale(new Date(), null)
  await readAhead(harness, viewer)
  await correctClock(harness)
  await watchStale(new Date(), await plannedAt())
  expect(await db().alert.count({ where: { userId: viewer.id } })).toBe(0)
  const later = new Date(Date.now() + 6 * HOUR)
  await watchStale(later, new Date(later.getTime() - MINUTE))
  expect(await db().alert.count({ where: { userId: viewer.id, kind: 'stale' } })).toBe(1)
})
