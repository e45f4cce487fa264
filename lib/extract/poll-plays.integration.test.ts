import { expect } from 'vitest'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { expectPlays, tableLines } from '#testing/sync/expected.ts'
import { test } from '#testing/sync/fixture.ts'
import { type Harness, NOON } from '#testing/sync/harness.ts'
import { type EndedRun, runNow, runToEnd } from '#testing/sync/run-jobs.ts'

const PLAYS = 'user_recently_played_stream'

let listenerCount = 0

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await harness.setTime(NOON)
})

async function firstPoll(harness: Harness, listener = `load-${++listenerCount}`) {
  const { userId, runId } = await harness.signIn(listener)
  const run = await runToEnd(harness, runId, [PLAYS])
  return { listener, userId, run }
}

function polls(userId: string) {
  return db().poll.findMany({ where: { userId }, orderBy: { id: 'asc' } })
}

async function warnings(run: EndedRun): Promise<string[]> {
  const lines = await db().streamRunLine.findMany({ where: { streamRun: { runId: run.id }, level: 'warn' } })
  return lines.map(({ message }) => message)
}

test('keeps the last fifty plays on the first poll and reports no hole', async ({ harness }) => {
  const { listener, userId, run } = await firstPoll(harness)
  expect(run.streams[PLAYS]).toMatchObject({ state: 'succeeded', rowsNew: 50 })
  const plays = (await harness.expected(listener, 'plays', { since: '2026-01-01T00:00:00.000Z' })).slice(-50)
  expect(await polls(userId)).toMatchObject([{ count: 50, newCount: 50, overlapped: null }])
  const [poll] = await polls(userId)
  expect(poll?.oldest?.toISOString()).toBe(plays[0]?.played_at)
  expect(poll?.newest?.toISOString()).toBe(plays.at(-1)?.played_at)
  await expectPlays(harness, userId, listener)
})

test('lands nothing when nothing is new, but records the poll', async ({ harness }) => {
  const { userId } = await firstPoll(harness)
  const landed = () => db().landedObject.count({ where: { read: { userId } } })
  const before = await landed()
  const run = await runNow(harness, userId, [PLAYS])
  expect(run.streams[PLAYS]).toMatchObject({ state: 'nothing_new', requests: 1, pages: 0 })
  expect(await landed()).toBe(before)
  expect((await polls(userId)).at(-1)).toMatchObject({ newCount: 0, overlapped: true })
})

test('adds new plays and keeps those that Spotify no longer returns while polls overlap', async ({ harness }) => {
  const { listener, userId } = await firstPoll(harness)
  for (const count of [20, 45]) {
    await harness.setTime(new Date(harness.now().getTime() + HOUR))
    await harness.configure({ changes: [{ what: 'play', listener, count }] })
    const run = await runNow(harness, userId, [PLAYS])
    expect(run.streams[PLAYS]?.rowsRemoved).toBe(0)
    expect((await polls(userId)).at(-1)).toMatchObject({ overlapped: true })
    expect(await warnings(run)).toEqual([])
    await expectPlays(harness, userId, listener)
  }
  expect((await tableLines(harness, userId, PLAYS, ['played_at'])).length).toBeGreaterThanOrEqual(50 + 20 + 45)
})

test('ends incomplete and keeps all known plays when a poll does not overlap the one before', async ({ harness }) => {
  const { listener, userId } = await firstPoll(harness)
  const known = await tableLines(harness, userId, PLAYS, ['played_at', 'uri'])
  await harness.setTime(new Date(harness.now().getTime() + 10 * DAY))
  const [before] = await polls(userId)
  const run = await runNow(harness, userId, [PLAYS])
  const hole = (await polls(userId)).at(-1)
  expect(hole).toMatchObject({ count: 50, newCount: 50, overlapped: false })
  const minute = (at?: Date | null) => at?.toISOString().slice(0, 16).replace('T', ' ')
  const problem = `Plays between ${minute(before?.newest)} UTC and ${minute(hole?.oldest)} UTC may be missing`
  expect(run).toMatchObject({
    state: 'incomplete',
    problem: `Recently played: ${problem}`,
    streams: { [PLAYS]: { state: 'incomplete', problem, remedy: expect.stringContaining('15 minutes'), rowsNew: 50 } },
  })
  expect((await warnings(run)).join()).toContain(problem)
  const held = await tableLines(harness, userId, PLAYS, ['played_at', 'uri'])
  expect(held).toHaveLength(100)
  expect(held).toEqual(expect.arrayContaining(known))
  await expectPlays(harness, userId, listener)

  // Only the run that found the hole is incomplete.
  await harness.configure({ changes: [{ what: 'play', listener, count: 3 }] })
  expect((await runNow(harness, userId, [PLAYS])).state).toBe('succeeded')
})

test('keeps two plays that ended in the same millisecond', async ({ harness }) => {
  const { userId } = await firstPoll(harness, 'odd-quill')
  const times = await tableLines(harness, userId, PLAYS, ['played_at'])
  expect(times).toHaveLength(50)
  expect(new Set(times).size).toBeLessThan(50)
  await expectPlays(harness, userId, 'odd-quill')
})

test('reports no hole for a listener with two plays', async ({ harness }) => {
  const { userId } = await firstPoll(harness, 'quiet-fern')
  expect(await polls(userId)).toMatchObject([{ count: 2, newCount: 2, overlapped: null }])
  await harness.configure({ changes: [{ what: 'play', listener: 'quiet-fern', count: 3 }] })
  await runNow(harness, userId, [PLAYS])
  expect((await polls(userId)).at(-1)).toMatchObject({ count: 5, newCount: 3, overlapped: true })
})
