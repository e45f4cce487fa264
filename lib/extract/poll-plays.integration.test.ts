import { expect } from 'vitest'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
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

test('keeps the plays of the first poll and reports no gap', async ({ harness }) => {
  const { listener, userId, run } = await firstPoll(harness)
  const [poll] = await polls(userId)
  const count = poll?.count ?? 0
  expect(count).toBeGreaterThanOrEqual(42)
  expect(run.streams[PLAYS]).toMatchObject({ state: 'succeeded', rowsNew: count })
  const plays = (await harness.expected(listener, 'plays', { since: '2026-01-01T00:00:00.000Z' })).slice(-count)
  expect(await polls(userId)).toMatchObject([{ count, newCount: count, overlapped: null }])
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
  for (const count of [20, 40]) {
    await harness.setTime(new Date(harness.now().getTime() + HOUR))
    await harness.configure({ changes: [{ what: 'play', listener, count }] })
    const run = await runNow(harness, userId, [PLAYS])
    expect(run.streams[PLAYS]?.rowsRemoved).toBe(0)
    expect((await polls(userId)).at(-1)).toMatchObject({ overlapped: true })
    expect(await warnings(run)).toEqual([])
    await expectPlays(harness, userId, listener)
  }
  expect((await tableLines(harness, userId, 'plays', ['played_at'])).length).toBeGreaterThanOrEqual(42 + 20 + 40)
})

test('ends incomplete and keeps all known plays when a poll does not overlap the one before', async ({ harness }) => {
  const { listener, userId } = await firstPoll(harness)
  const known = await tableLines(harness, userId, 'plays', ['played_at', 'uri'])
  await harness.setTime(new Date(harness.now().getTime() + 10 * DAY))
  const [before] = await polls(userId)
  const run = await runNow(harness, userId, [PLAYS])
  const hole = (await polls(userId)).at(-1)
  expect(hole).toMatchObject({ newCount: hole?.count, overlapped: false })
  const minute = (at?: Date | null) => at?.toISOString().slice(0, 16).replace('T', ' ')
  const problem = `Plays between ${minute(before?.newest)} UTC and ${minute(hole?.oldest)} UTC may be missing`
  expect(run).toMatchObject({
    state: 'incomplete',
    problem: `Recently played: ${problem}`,
    streams: { [PLAYS]: { state: 'incomplete', problem, remedy: expect.stringContaining('15 minutes') } },
  })
  expect((await warnings(run)).join()).toContain(problem)
  const held = await tableLines(harness, userId, 'plays', ['played_at', 'uri'])
  expect(held).toHaveLength(known.length + (hole?.count ?? 0))
  expect(held).toEqual(expect.arrayContaining(known))
  await expectPlays(harness, userId, listener)

  // Only the run that found the hole is incomplete.
  await harness.configure({ changes: [{ what: 'play', listener, count: 3 }] })
  expect((await runNow(harness, userId, [PLAYS])).state).toBe('succeeded')
})

test('keeps two plays that ended in the same millisecond', async ({ harness }) => {
  const { userId } = await firstPoll(harness, 'odd-cases')
  const times = await tableLines(harness, userId, 'plays', ['played_at'])
  expect(times.length).toBeGreaterThanOrEqual(42)
  expect(new Set(times).size).toBeLessThan(times.length)
  await expectPlays(harness, userId, 'odd-cases')
})

test('reports no hole for a listener with two plays', async ({ harness }) => {
  const { userId } = await firstPoll(harness, 'quiet-fern')
  expect(await polls(userId)).toMatchObject([{ count: 2, newCount: 2, overlapped: null }])
  await harness.configure({ changes: [{ what: 'play', listener: 'quiet-fern', count: 3 }] })
  await runNow(harness, userId, [PLAYS])
  expect((await polls(userId)).at(-1)).toMatchObject({ count: 5, newCount: 3, overlapped: true })
})

test('reports a gap between two short windows, but not between overlapping ones', async ({ harness }) => {
  const { listener, userId } = await firstPoll(harness)
  const later = async (count: number, minutes: number) => {
    await harness.setTime(new Date(harness.now().getTime() + minutes * MINUTE))
    await harness.configure({ changes: [{ what: 'play', listener, count }] })
    const run = await runNow(harness, userId, [PLAYS])
    return { run, poll: (await polls(userId)).at(-1) }
  }
  // A song a minute, so that each window is full of new plays.
  let { run, poll } = await later(100, 100)
  const [first] = await polls(userId)
  expect(poll?.count).toBeLessThan(50)
  expect(poll).toMatchObject({ newCount: poll?.count, overlapped: false })
  expect(run.streams[PLAYS]?.state).toBe('incomplete')
  expect(run.streams[PLAYS]?.problem).toContain(first?.newest?.toISOString().slice(11, 16))
  expect(run.streams[PLAYS]?.problem).toContain(poll?.oldest?.toISOString().slice(11, 16))
  expect(await db().alert.count({ where: { userId, kind: 'part', stream: PLAYS, endedAt: null } })).toBe(1)
  ;({ run, poll } = await later(30, 30))
  expect(poll?.count).toBeLessThan(50)
  expect(poll).toMatchObject({ newCount: 30, overlapped: true })
  expect(run.state).toBe('succeeded')
})

test('after polls without plays, reports a gap only if Spotify says there are older plays', async ({ harness }) => {
  const seems = (to: number) =>
    harness.configure({ faults: [{ match: { path: 'recently-played' }, fault: { kind: 'shortened', to } }] })
  const afterEmptyPoll = async (to?: number) => {
    await seems(0)
    const { userId } = await firstPoll(harness)
    expect(await polls(userId)).toMatchObject([{ count: 0, overlapped: null }])
    if (to !== undefined) await seems(to)
    return { run: await runNow(harness, userId, [PLAYS]), poll: (await polls(userId)).at(-1) }
  }
  const few = await afterEmptyPoll(40)
  expect(few.poll).toMatchObject({ count: 40, overlapped: null })
  expect(few.run.state).toBe('succeeded')
  const many = await afterEmptyPoll()
  expect(many.poll).toMatchObject({ newCount: many.poll?.count, overlapped: false })
  expect(many.run.streams[PLAYS]?.problem).toContain('may be missing')
})

test('finds the overlap despite withheld items', async ({ harness }) => {
  const { listener, userId } = await firstPoll(harness)
  await harness.configure({
    changes: [{ what: 'play', listener, count: 3 }],
    faults: [{ match: { path: 'recently-played' }, fault: { kind: 'withheld', places: [1, 4, 5] } }],
  })
  const run = await runNow(harness, userId, [PLAYS])
  expect(run.streams[PLAYS]).toMatchObject({ state: 'succeeded', rowsNew: 2 })
  expect((await polls(userId)).at(-1)).toMatchObject({ newCount: 2, overlapped: true })
  // The withheld play arrives with the next poll.
  expect((await runNow(harness, userId, [PLAYS])).streams[PLAYS]).toMatchObject({ state: 'succeeded', rowsNew: 1 })
  await expectPlays(harness, userId, listener)
})
