import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { expectPlays, tableLines } from '#testing/sync/expected.ts'
import { type Bed, makeBed } from '#testing/sync/harness.ts'
import { type EndedRun, runNow, runToEnd } from '#testing/sync/run-jobs.ts'

const PLAYS = 'user_recently_played_stream'

let bed: Bed
let nobody = 0

beforeAll(async () => {
  bed = await makeBed()
})
beforeEach(async () => {
  await bed.order({ reset: true })
  await bed.moveTo(new Date('2026-10-14T12:00:00.000Z'))
})
afterAll(() => bed.stop())

async function firstLook(listener = `load-${++nobody}`) {
  const { userId, runId } = await bed.signIn(listener)
  const run = await runToEnd(bed, runId, [PLAYS])
  return { listener, userId, run }
}

function polls(userId: string) {
  return db().poll.findMany({ where: { userId }, orderBy: { id: 'asc' } })
}

async function warnings(run: EndedRun): Promise<string[]> {
  const lines = await db().streamRunLine.findMany({ where: { streamRun: { runId: run.id }, level: 'warn' } })
  return lines.map(({ message }) => message)
}

test('the first look keeps the last fifty plays and knows of no hole', async () => {
  const { listener, userId, run } = await firstLook()
  expect(run.streams[PLAYS]).toMatchObject({ state: 'succeeded', rowsNew: 50 })
  const plays = (await bed.truth(listener, 'plays', { since: '2026-01-01T00:00:00.000Z' })).slice(-50)
  expect(await polls(userId)).toMatchObject([{ count: 50, newCount: 50, overlapped: null }])
  const [poll] = await polls(userId)
  expect(poll?.oldest?.toISOString()).toBe(plays[0]?.played_at)
  expect(poll?.newest?.toISOString()).toBe(plays.at(-1)?.played_at)
  await expectPlays(bed, userId, listener)
})

test('a look at nothing new lands nothing, and is recorded all the same', async () => {
  const { userId } = await firstLook()
  const landed = () => db().landedObject.count({ where: { read: { userId } } })
  const before = await landed()
  const run = await runNow(bed, userId, [PLAYS])
  expect(run.streams[PLAYS]).toMatchObject({ state: 'nothing_new', requests: 1, pages: 0 })
  expect(await landed()).toBe(before)
  expect((await polls(userId)).at(-1)).toMatchObject({ newCount: 0, overlapped: true })
})

test('looks that overlap add what is new and keep what Spotify has forgotten', async () => {
  const { listener, userId } = await firstLook()
  for (const count of [20, 45]) {
    await bed.moveTo(new Date(bed.at().getTime() + HOUR))
    await bed.order({ changes: [{ what: 'play', listener, count }] })
    const run = await runNow(bed, userId, [PLAYS])
    expect(run.streams[PLAYS]?.rowsRemoved).toBe(0)
    expect((await polls(userId)).at(-1)).toMatchObject({ overlapped: true })
    expect(await warnings(run)).toEqual([])
    await expectPlays(bed, userId, listener)
  }
  expect((await tableLines(bed, userId, PLAYS, ['played_at'])).length).toBeGreaterThanOrEqual(50 + 20 + 45)
})

test('a look that does not overlap the one before is incomplete, and loses nothing that is known', async () => {
  const { listener, userId } = await firstLook()
  const known = await tableLines(bed, userId, PLAYS, ['played_at', 'uri'])
  await bed.moveTo(new Date(bed.at().getTime() + 10 * DAY))
  const [before] = await polls(userId)
  const run = await runNow(bed, userId, [PLAYS])
  const hole = (await polls(userId)).at(-1)
  expect(hole).toMatchObject({ count: 50, newCount: 50, overlapped: false })
  const minute = (at?: Date | null) => at?.toISOString().slice(0, 16).replace('T', ' ')
  const problem = `Plays between ${minute(before?.newest)} UTC and ${minute(hole?.oldest)} UTC may be missing`
  expect(run).toMatchObject({
    state: 'incomplete',
    problem: `Recent plays: ${problem}`,
    streams: { [PLAYS]: { state: 'incomplete', problem, remedy: expect.stringContaining('15 minutes'), rowsNew: 50 } },
  })
  expect((await warnings(run)).join()).toContain(problem)
  const held = await tableLines(bed, userId, PLAYS, ['played_at', 'uri'])
  expect(held).toHaveLength(100)
  expect(held).toEqual(expect.arrayContaining(known))
  await expectPlays(bed, userId, listener)

  // Only the look that met the hole lacks something.
  await bed.order({ changes: [{ what: 'play', listener, count: 3 }] })
  expect((await runNow(bed, userId, [PLAYS])).state).toBe('succeeded')
})

test('two plays that ended in the same millisecond are two', async () => {
  const { userId } = await firstLook('odd-quill')
  const times = await tableLines(bed, userId, PLAYS, ['played_at'])
  expect(times).toHaveLength(50)
  expect(new Set(times).size).toBeLessThan(50)
  await expectPlays(bed, userId, 'odd-quill')
})

test('somebody with two plays has no hole', async () => {
  const { userId } = await firstLook('quiet-fern')
  expect(await polls(userId)).toMatchObject([{ count: 2, newCount: 2, overlapped: null }])
  await bed.order({ changes: [{ what: 'play', listener: 'quiet-fern', count: 3 }] })
  await runNow(bed, userId, [PLAYS])
  expect((await polls(userId)).at(-1)).toMatchObject({ count: 5, newCount: 3, overlapped: true })
})
