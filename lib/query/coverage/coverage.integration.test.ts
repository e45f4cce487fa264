import { expect } from 'vitest'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { addDays, countDays } from '#lib/core/period.ts'
import { db } from '#lib/db.ts'
import { landImport } from '#lib/imports/land-import.ts'
import { undoImport } from '#lib/pairing/undo-import.ts'
import type { ImportedPage } from '#lib/streams/imported-plays.ts'
import { test } from '#testing/sync/fixture.ts'
import { type Harness, NOON } from '#testing/sync/harness.ts'
import { loadAll, runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { coverageFor, coverageOf } from './coverage.ts'
import { boundingPolls } from './evidence.ts'
import { knownTimes } from './rule.ts'

const PLAYS = 'user_recently_played_stream'
/** The harness keeps the time of Spotify; polls have the time of this machine, which is later. */
const YEAR = NOON.getUTCFullYear()

/** Imports plays at these times, from one file or from a file each. */
async function importPlays(
  userId: string,
  source: ImportedPage['source'],
  times: Date[],
  oneFile = true,
): Promise<void> {
  const items = times.map((time) => ({
    playedAt: time.toISOString(),
    uri: 'spotify:track:tide',
    msPlayed: 181_000,
    track: 'Low Tide',
    artist: 'Pebble',
    album: 'Tidepool',
    kind: 'song' as const,
    skipped: false,
    private: false,
    offline: false,
    reasonStart: null,
    reasonEnd: null,
  }))
  const pages = async function* () {
    for (const [member, item] of items.entries()) yield { source, member: oneFile ? 0 : member, items: [item] }
  }
  await landImport({ id: `${source}-${userId}`, userId }, pages())
  await loadEverything(userId)
}

async function loadEverything(userId: string): Promise<void> {
  const { id } = await db().warehouseConnection.findUniqueOrThrow({
    where: { userId_kind: { userId, kind: 'duckdb' } },
  })
  await loadAll(id)
}

/** Syncs, and again ten days later, when Spotify shows none of the known plays any more. */
async function syncWithHole(harness: Harness, listener: { userId: string; runId: string }) {
  await runToEnd(harness, listener.runId, [PLAYS])
  await harness.setTime(new Date(harness.now().getTime() + 10 * DAY))
  await runNow(harness, listener.userId, [PLAYS])
  const [before, after] = await db().poll.findMany({ where: { userId: listener.userId }, orderBy: { at: 'asc' } })
  expect(after).toMatchObject({ overlapped: false })
  return { from: before?.newest ?? NOON, to: after?.oldest ?? NOON, first: before?.oldest ?? NOON }
}

test('without data, every day is before the first data', async ({ listener: { userId } }) => {
  const { days, holes, since, until, years } = await coverageOf(userId, { year: YEAR })
  expect({ holes, since, until, years }).toEqual({ holes: [], since: null, until: null, years: [YEAR] })
  expect(new Set(days.map(({ state }) => state))).toEqual(new Set(['before the first data']))
  expect(days[0]?.day).toBe(`${YEAR}-01-01`)
  expect(await coverageFor(userId)).toEqual({ since: null, incomplete: [] })
})

test('a sync that misses plays makes a hole, which an export fills and a tracker doesn’t', async ({
  harness,
  listener,
}) => {
  const { userId } = listener
  const hole = await syncWithHole(harness, listener)
  const from = hole.from.toISOString().slice(0, 10)
  const to = hole.to.toISOString().slice(0, 10)
  const stateOf = async (day: string) =>
    (await coverageOf(userId, { year: YEAR })).days.find((one) => one.day === day)?.state
  const before = await coverageOf(userId, { year: YEAR })
  expect(before.holes).toEqual([
    { from: hole.from.toISOString(), to: hole.to.toISOString(), cause: 'missed plays', export: 'spotify-account' },
  ])
  const missing = before.days.filter(({ state }) => state === 'likely hole')
  expect([missing[0]?.day, missing.at(-1)?.day]).toEqual([from, to])
  expect(missing).toHaveLength(countDays({ from, to }))
  expect(before.days.find(({ plays }) => plays > 0)?.day).toBe(before.since)
  expect(await coverageFor(userId)).toEqual({ since: before.since, incomplete: [{ from, to }] })

  await importPlays(userId, 'lastfm', [new Date(hole.from.getTime() - HOUR), new Date(hole.to.getTime() + HOUR)])
  expect(await stateOf(addDays(from, 1))).toBe('import only')
  expect(await coverageFor(userId)).toMatchObject({ incomplete: [{ from, to }] })

  const years = [new Date('2019-06-01T10:00:00Z'), new Date(hole.to.getTime() + 2 * HOUR)]
  await importPlays(userId, 'spotify-extended', years)
  expect(await stateOf(addDays(from, 1))).toBe('nothing heard')
  const after = await coverageOf(userId, { year: YEAR })
  expect(after).toMatchObject({ holes: [], moreHoles: 0, since: '2019-06-01' })
  expect(after.years[0]).toBe(2019)
  expect(await coverageFor(userId)).toEqual({ since: '2019-06-01', incomplete: [] })

  await undoImport({ userId, importId: `spotify-extended-${userId}` })
  await loadEverything(userId)
  expect(await stateOf(addDays(from, 1))).toBe('import only')
  expect(await coverageFor(userId)).toMatchObject({ incomplete: [{ from, to }] })
})

test('a file that is missing from an export leaves a hole', async ({ harness, listener: { userId, runId } }) => {
  await runToEnd(harness, runId, [PLAYS])
  const times = [new Date('2019-06-01T10:00:00Z'), new Date('2021-06-01T10:00:00Z')]
  await importPlays(userId, 'spotify-extended', times, false)
  expect((await coverageOf(userId, { year: 2020 })).holes).toMatchObject([
    {
      from: '2019-06-01T10:00:00.000Z',
      to: '2021-06-01T10:00:00.000Z',
      cause: 'not synced',
      export: 'spotify-extended',
    },
  ])
})

test('days are those of the listener’s zone', async ({ harness, listener }) => {
  await syncWithHole(harness, listener)
  const { userId } = listener
  await db().poll.updateMany({
    where: { userId, overlapped: false },
    data: { oldest: new Date('2026-10-22T18:31:00Z') },
  })
  const last = async () => (await coverageFor(userId))?.incomplete.at(-1)?.to
  expect(await last()).toBe('2026-10-22')
  await db().user.update({ where: { id: userId }, data: { zone: 'Asia/Kolkata', dataVersion: { increment: 1 } } })
  expect(await last()).toBe('2026-10-23')
})

test('the polls that bound holes tell as much as all polls', async ({ listener: { userId } }) => {
  const minute = (count: number) => new Date(NOON.getTime() + count * 60_000)
  const seen = [
    { at: 0, oldest: null, newest: null, overlapped: null },
    { at: 30, oldest: 5, newest: 28, overlapped: null },
    { at: 60, oldest: 8, newest: 58, overlapped: true },
    { at: 90, oldest: 70, newest: 88, overlapped: false },
    { at: 120, oldest: 75, newest: 118, overlapped: true },
    { at: 150, oldest: null, newest: null, overlapped: null },
    { at: 180, oldest: 160, newest: 178, overlapped: false },
    { at: 210, oldest: 165, newest: 208, overlapped: true },
    { at: 240, oldest: null, newest: null, overlapped: null },
  ]
  await db().poll.createMany({
    data: seen.map(({ at, oldest, newest, overlapped }, index) => ({
      id: `${userId}-${index}`,
      userId,
      at: minute(at),
      oldest: oldest === null ? null : minute(oldest),
      newest: newest === null ? null : minute(newest),
      overlapped,
      count: 0,
      newCount: 0,
    })),
  })
  const all = await db().poll.findMany({ where: { userId }, orderBy: { at: 'asc' } })
  const bounding = await boundingPolls(userId)
  expect(bounding.length).toBeLessThan(all.length)
  const known = (polls: typeof bounding) => knownTimes({ polls, imports: [], plays: null })
  expect(known(bounding)).toEqual(known(all))
  expect(known(bounding).holes).toMatchObject([
    { from: minute(60), to: minute(70) },
    { from: minute(120), to: minute(160) },
  ])
})

test('a year outside of 2006 to now is refused', async ({ listener: { userId } }) => {
  for (const year of [2005, 2999])
    await expect(coverageOf(userId, { year })).rejects.toMatchObject({ status: 400, code: 'wrong-parameter' })
})
