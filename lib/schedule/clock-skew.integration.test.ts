import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { watchStale } from '#lib/ops/stale-watch.ts'
import { plannedAt, recordPlanned } from '#lib/planning.ts'
import { learnQuota } from '#lib/quota/learned-limits.ts'
import { runNow } from '#lib/sync/order-run.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'
import { runNow as driveNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { correctClockSkew } from './clock-skew.ts'

/** What a clock that was ten days ahead leaves behind, once it is put right. */

const TOP = 'user_top_tracks_st_stream'
const PLAYS = 'user_recently_played_stream'
const AHEAD_MS = 10 * DAY

let harness: Harness

beforeAll(async () => {
  harness = await startHarness()
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Math.floor(Date.now() / DAY) * DAY + 12 * HOUR + 30 * MINUTE)
})
// The listener signs in before the clock is ahead.
beforeEach(() => {
  vi.setSystemTime(Date.now() + AHEAD_MS)
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(() => harness.stop())

/** The listener reads two streams by the clock that is ahead, and it is put right. */
async function readAhead(): Promise<void> {
  const { id } = await db().run.findFirstOrThrow({ where: { userId: viewer.id } })
  await harness.setTime(new Date())
  await runToEnd(harness, id, [TOP, PLAYS])
  await driveNow(harness, viewer.id, [TOP, PLAYS])
  await recordPlanned(new Date())
}

async function putRight(): Promise<void> {
  vi.setSystemTime(Date.now() - AHEAD_MS)
  await harness.setTime(new Date())
  await correctClockSkew(new Date())
}

test('what was read, asked and learned by then was so just now, and counts as long as it should', async () => {
  await readAhead()
  await learnQuota('somebody', 'top', new Date(Date.now() + HOUR))
  await db().requestLimit.updateMany({ data: { learnedAt: new Date() } })
  const hour = new Date(Math.floor(Date.now() / HOUR) * HOUR)
  const before = { developerAccount: 'somebody', group: 'top', requests: 5, refused: 1 }
  await db().quotaHour.create({ data: { ...before, hour } })
  await db().quotaHour.create({ data: { ...before, hour: new Date(hour.getTime() - AHEAD_MS) } })
  await putRight()

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

test('"Run now" leaves nothing out ten minutes later', async () => {
  await readAhead()
  await putRight()
  vi.setSystemTime(Date.now() + 11 * MINUTE)
  const { leftOut } = await runNow(viewer, { streams: [TOP, PLAYS] })
  expect(leftOut).toEqual([])
})

test('a look that does not come is noticed as soon as ever, whatever is wrong with others', async () => {
  await db().user.updateMany({ where: { id: { not: viewer.id } }, data: { zone: 'Europe/Atlantis' } })
  await watchStale(new Date(), null)
  await readAhead()
  await putRight()
  await watchStale(new Date(), await plannedAt())
  expect(await db().alert.count({ where: { userId: viewer.id } })).toBe(0)
  const later = new Date(Date.now() + 6 * HOUR)
  await watchStale(later, new Date(later.getTime() - MINUTE))
  expect(await db().alert.count({ where: { userId: viewer.id, kind: 'stale' } })).toBe(1)
})
