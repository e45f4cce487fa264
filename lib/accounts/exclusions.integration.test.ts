import { rmSync } from 'node:fs'
import { expect } from 'vitest'
import { z } from 'zod'
import { db } from '#lib/db.ts'
import { landImport } from '#lib/imports/land-import.ts'
import { acquireLease, releaseLeaseIfIdle } from '#lib/load/lease.ts'
import { rebuildMissing } from '#lib/load/load.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { embeddedDue } from '#lib/storage/destinations.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { erase } from './erase.ts'
import { exclude, exclusionsOf, include } from './exclusions.ts'

const PLAYS = 'user_recently_played_stream'

const Shown = z.object({
  played_at: z.string(),
  uri: z.string(),
  track_id: z.string(),
  excluded: z.boolean(),
  counts: z.boolean(),
})

const connectionOf = (userId: string) =>
  db().warehouseConnection.findUniqueOrThrow({ where: { userId_kind: { userId, kind: 'duckdb' } } })

/** The history as its page shows it, and the number of plays of the overview. */
async function shown(userId: string, params: Record<string, string> = {}) {
  const { rows } = await queryChart(userId, 'history', { period: 'all', limit: '200', ...params })
  const figures = await queryChart(userId, 'overview-figures', { period: 'all' })
  const plays = figures.rows.find(({ name }) => name === 'plays')?.value
  return { history: z.array(Shown).parse(rows), plays: Number(plays) }
}

/** What identifies the play at a place of the history. */
function keyAt(history: z.infer<typeof Shown>[], index: number) {
  const play = history[index]
  if (!play) throw new Error('There are too few plays')
  return keyOf(play)
}

const keyOf = ({ played_at, uri }: z.infer<typeof Shown>) => ({ playedAt: played_at, uri })

/** A listener whose plays are loaded. */
async function listenerWithPlays(harness: Harness, { userId, runId }: { userId: string; runId: string }) {
  await runToEnd(harness, runId, [PLAYS])
  const { id } = await connectionOf(userId)
  return { listener: { id: userId }, build: () => loadAll(id), connectionId: id, ...(await shown(userId)) }
}

const versionOf = async ({ id }: { id: string }) => (await db().user.findUniqueOrThrow({ where: { id } })).dataVersion

test('an excluded play counts nowhere and stays in the history; undone, everything is as before', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build, history, plays } = await listenerWithPlays(harness, signedIn)
  const [play] = history
  if (!play) throw new Error('There are too few plays')
  const songsBefore = await queryChart(listener.id, 'top-songs', { period: 'all', limit: '500' })
  expect(await exclude(listener, keyOf(play))).toBe(true)
  const pending = [{ ...keyOf(play), excluded: true }]
  expect(await exclusionsOf(listener)).toEqual({ excluded: 1, pending, problem: null })
  await build()
  expect(await exclusionsOf(listener)).toEqual({ excluded: 1, pending: [], problem: null })

  const after = await shown(listener.id)
  expect(after.plays).toBe(plays - 1)
  expect(after.history).toHaveLength(history.length)
  expect(after.history.filter(({ excluded }) => excluded)).toEqual([{ ...play, excluded: true, counts: false }])
  const recent = await queryChart(listener.id, 'recent-plays', {})
  expect(recent.rows.map(({ played_at }) => played_at)).not.toContain(play.played_at)
  const [hidden] = await harness.tableRows(listener.id, 'excluded_plays', 'played_at, uri, excluded')
  expect(hidden).toEqual({ played_at: play.played_at, uri: play.uri, excluded: true })

  expect(await include(listener, keyOf(play))).toBe(true)
  await build()
  expect(await shown(listener.id)).toEqual({ history, plays })
  const songs = await queryChart(listener.id, 'top-songs', { period: 'all', limit: '500' })
  expect(songs.rows).toEqual(songsBefore.rows)
  expect(await exclusionsOf(listener)).toEqual({ excluded: 0, pending: [], problem: null })
})

test('repeating a decision changes nothing, even at the same time', async ({ harness, listener: signedIn }) => {
  const { listener, build, history } = await listenerWithPlays(harness, signedIn)
  const key = keyAt(history, 1)
  const first = await Promise.all(Array.from({ length: 6 }, () => exclude(listener, key)))
  expect(first.filter(Boolean)).toHaveLength(1)
  await build()
  const version = await versionOf(listener)
  expect(await exclude(listener, key)).toBe(false)
  await build()
  expect(await versionOf(listener)).toBe(version)
  await Promise.all([include(listener, key), exclude(listener, key), include(listener, key)])
  await include(listener, key)
  expect(await include(listener, key)).toBe(false)
  await build()
  expect((await shown(listener.id)).history).toEqual(history)
})

test('twenty at once are one build, and none of them is full', async ({ harness, listener: signedIn }) => {
  const { listener, build, history, plays } = await listenerWithPlays(harness, signedIn)
  const version = await versionOf(listener)
  const twenty = history.slice(0, 20)
  await Promise.all(twenty.map((play) => exclude(listener, keyOf(play))))
  const dates = await db().excludedPlay.findMany({ where: { userId: listener.id }, select: { changedAt: true } })
  expect(new Set(dates.map(({ changedAt }) => changedAt.getTime())).size).toBe(20)
  await build()
  expect((await shown(listener.id)).plays).toBe(plays - 20)
  expect(await versionOf(listener)).toBe(version + 1)
})

test('a job that is about to end when a play is excluded builds it too', async ({ harness, listener: signedIn }) => {
  const { listener, build, connectionId, history, plays } = await listenerWithPlays(harness, signedIn)
  const by = 'the job that ends'
  expect(await acquireLease(connectionId, by)).not.toBeNull()
  await exclude(listener, keyAt(history, 0))
  // The job that was requested for it finds the lease taken.
  await build()
  expect((await shown(listener.id)).plays).toBe(plays)
  expect(await releaseLeaseIfIdle(connectionId, by, 'fresh')).toBe(false)
  await loadAll(connectionId, by)
  expect((await shown(listener.id)).plays).toBe(plays - 1)
  expect((await exclusionsOf(listener)).pending).toEqual([])
})

test('a build that a crash interrupted is repeated', async ({ harness, listener: signedIn }) => {
  const { listener, build, connectionId, history, plays } = await listenerWithPlays(harness, signedIn)
  await exclude(listener, keyAt(history, 0))
  // As a process leaves it that dies while it builds.
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { modelsState: 'building' } })
  expect(await embeddedDue()).toContain(connectionId)
  await build()
  expect((await shown(listener.id)).plays).toBe(plays - 1)

  // And as one that dies after the file was written.
  await db().excludedPlay.updateMany({ where: { userId: listener.id }, data: { appliedAt: null } })
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { modelsState: 'building' } })
  await build()
  expect((await exclusionsOf(listener)).pending).toEqual([])
  expect(await embeddedDue()).not.toContain(connectionId)
})

test('exclusions survive the loss of the warehouse file, and deleting the account deletes them', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build, history, plays } = await listenerWithPlays(harness, signedIn)
  await exclude(listener, keyAt(history, 0))
  await exclude(listener, keyAt(history, 1))
  await build()
  await include(listener, keyAt(history, 1))
  const file = duckdbFile(listener.id)
  await (await openDuckdb(file)).close()
  rmSync(file)
  await rebuildMissing()
  await build()
  expect((await shown(listener.id)).plays).toBe(plays - 1)
  expect((await exclusionsOf(listener)).pending).toEqual([])

  const { name } = await db().user.findUniqueOrThrow({ where: { id: listener.id } })
  const { postgresRows } = await erase(listener.id, name ?? '')
  expect(postgresRows['excluded plays']).toBe(2)
  expect(await db().excludedPlay.count({ where: { userId: listener.id } })).toBe(0)
})

test('a play that is imported and was heard live is one play, excluded at either time', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build, history, plays } = await listenerWithPlays(harness, signedIn)
  const [live] = history
  if (!live) throw new Error('There are no plays')
  const end = new Date(Date.parse(live.played_at) + 3_000).toISOString()
  const song = {
    playedAt: end,
    uri: live.uri,
    msPlayed: 100_000,
    track: 'Low Tide',
    artist: 'Pebble',
    album: null,
    kind: 'song' as const,
    skipped: false,
    private: false,
    offline: false,
    reasonStart: null,
    reasonEnd: null,
  }
  const imported = [song, { ...song, playedAt: '2019-05-01T10:00:00.000Z' }]
  await landImport(
    { id: `import-${listener.id}`, userId: listener.id },
    (async function* () {
      yield { source: 'spotify-extended' as const, items: imported }
    })(),
  )
  await exclude(listener, keyOf(live))
  await build()
  // Loading pairs the two.
  const paired = await shown(listener.id)
  expect(paired.plays).toBe(plays)
  expect(paired.history[0]).toMatchObject({ played_at: end, excluded: true })

  // The page knows it by the time of the import now. The decision stays the one about Spotify's play.
  expect(await include(listener, keyAt(paired.history, 0))).toBe(true)
  expect((await exclusionsOf(listener)).pending).toEqual([{ ...keyAt(paired.history, 0), excluded: false }])
  await build()
  expect((await shown(listener.id)).plays).toBe(plays + 1)
  expect(await exclude(listener, { playedAt: end, uri: live.uri })).toBe(true)
  expect(await db().excludedPlay.findMany({ where: { userId: listener.id }, select: { playedAt: true } })).toEqual([
    { playedAt: new Date(live.played_at) },
  ])

  expect(await exclude(listener, { playedAt: '2019-05-01T10:00:00.000Z', uri: live.uri })).toBe(true)
  await build()
  expect((await shown(listener.id)).plays).toBe(plays - 1)
})

test('only plays of the listener’s own history can be excluded', async ({ harness, listener: signedIn }) => {
  const { listener, history } = await listenerWithPlays(harness, signedIn)
  const key = keyAt(history, 0)
  const other = await harness.signIn('load-77')
  const unknown = { status: 404, code: 'unknown-play' }
  await expect(exclude({ id: other.userId }, key)).rejects.toMatchObject(unknown)
  for (const wrong of [
    { ...key, uri: 'spotify:track:other' },
    { ...key, uri: '💿'.repeat(900) },
    { ...key, playedAt: '1970-01-01T00:00:00.000Z' },
    { ...key, playedAt: '9999-12-31T23:59:59.999Z' },
  ])
    await expect(exclude(listener, wrong)).rejects.toMatchObject(unknown)
  expect(await exclusionsOf(listener)).toMatchObject({ excluded: 0, pending: [] })
})

test('a listener can exclude 10,000 plays', async ({ harness, listener: signedIn }) => {
  const { listener, history } = await listenerWithPlays(harness, signedIn)
  const at = new Date('2020-01-01')
  await db().excludedPlay.createMany({
    data: Array.from({ length: 10_000 }, (_, index) => ({
      id: `${listener.id} ${index}`,
      userId: listener.id,
      playedAt: new Date(at.getTime() + index),
      uri: 'spotify:track:gone',
      shownAt: at,
      shownUri: 'spotify:track:gone',
      excluded: true,
      changedAt: new Date(at.getTime() + index),
    })),
  })
  await expect(exclude(listener, keyAt(history, 0))).rejects.toMatchObject({ code: 'too-many-exclusions' })
  expect((await exclusionsOf(listener)).pending).toHaveLength(500)
})
