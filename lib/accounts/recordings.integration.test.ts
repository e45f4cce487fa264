import { rmSync } from 'node:fs'
import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { rebuildMissing } from '#lib/load/load.ts'
import { findTrack } from '#lib/query/music.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { searchMusic } from '#lib/query/search.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { countingOf } from './counting.ts'
import { erase } from './erase.ts'
import { exclude } from './exclusions.ts'
import { choose, forget, recordingsOf } from './recordings.ts'

const ALL = { period: 'all' } as const

const playsBySong = async (userId: string) => {
  const { rows } = await queryChart(userId, 'top-songs', { period: 'all', limit: '500' })
  return new Map(rows.map(({ track_id, plays }) => [String(track_id), Number(plays)]))
}

/** A listener whose plays are loaded, with the ids of four of their songs. */
async function listenerWithSongs(harness: Harness, { userId, runId }: { userId: string; runId: string }) {
  await runToEnd(harness, runId, ['user_recently_played_stream'])
  const { id } = await db().warehouseConnection.findUniqueOrThrow({
    where: { userId_kind: { userId, kind: 'duckdb' } },
  })
  const plays = await playsBySong(userId)
  const [a = '', b = '', c = '', d = ''] = plays.keys()
  const of = (song: string) => plays.get(song) ?? 0
  return { listener: { id: userId }, build: () => loadAll(id), plays, of, a, b, c, d }
}

const choicesOf = async (userId: string) =>
  Object.fromEntries(
    (await db().recordingChoice.findMany({ where: { userId } })).map((one) => [one.trackId, one.recordingId]),
  )

test('two songs become one everywhere, at both addresses, and two again', async ({ harness, listener: signedIn }) => {
  const { listener, build, plays, of, a, b } = await listenerWithSongs(harness, signedIn)
  const figures = () => queryChart(listener.id, 'overview-figures', ALL)
  const before = await figures()
  expect(await choose(listener, { trackId: b, recordingId: a })).toEqual([{ trackId: b, before: null }])
  expect((await countingOf(listener)).isRebuilding).toBe(true)
  await build()
  expect((await countingOf(listener)).isRebuilding).toBe(false)
  const together = await playsBySong(listener.id)
  expect(together.get(a)).toBe(of(a) + of(b))
  expect(together.has(b)).toBe(false)
  expect(together.size).toBe(plays.size - 1)
  const songs = (rows: Record<string, unknown>[]) => rows.find(({ name }) => name === 'songs')?.value
  expect(songs((await figures()).rows)).toBe(Number(songs(before.rows)) - 1)

  const [one, other] = await Promise.all([findTrack(listener.id, a, ALL), findTrack(listener.id, b, ALL)])
  expect(other).toEqual(one)
  expect(one).toMatchObject({
    id: a,
    listening: { plays: of(a) + of(b), playsEver: of(a) + of(b) },
    countedTogether: [{ id: b, plays: of(b), why: 'chosen' }],
  })
  const history = await queryChart(listener.id, 'history', { ...ALL, track: b, limit: '200' })
  expect(history.rows).toHaveLength(of(a) + of(b))
  expect(new Set(history.rows.map(({ track_id }) => track_id))).toEqual(new Set([a, b]))
  const found = await searchMusic(listener.id, one.name ?? '')
  expect(found.songs.find(({ id }) => id === a)?.plays).toBe(of(a) + of(b))
  expect((await recordingsOf(listener)).recordings).toMatchObject([{ id: a, songs: [{ id: b }] }])

  expect(await forget(listener, b)).toEqual([{ trackId: b, before: a }])
  await build()
  expect(await playsBySong(listener.id)).toEqual(plays)
  expect(await figures()).toEqual(before)
})

test('resolves chains and circles of choices', async ({ harness, listener: signedIn }) => {
  const { listener, build, of, a, b, c, d } = await listenerWithSongs(harness, signedIn)
  await choose(listener, { trackId: a, recordingId: b })
  expect(await choose(listener, { trackId: b, recordingId: a })).toEqual([])
  await choose(listener, { trackId: b, recordingId: c })
  await choose(listener, { trackId: d, recordingId: a })
  expect(await choicesOf(listener.id)).toEqual({ [a]: b, [b]: c, [d]: c })
  await build()
  expect((await playsBySong(listener.id)).get(c)).toBe([a, b, c, d].map(of).reduce((sum, one) => sum + one, 0))
  // Whatever is in the table, for example after two changes at once in two versions.
  await db().recordingChoice.create({
    data: { userId: listener.id, trackId: c, recordingId: a, changedAt: new Date() },
  })
  await db().warehouseConnection.updateMany({ where: { userId: listener.id }, data: { modelsState: 'urgent' } })
  await build()
  const left = await playsBySong(listener.id)
  expect([a, b, c, d].filter((id) => left.has(id))).toHaveLength(1)
})

test('a song that is counted separately leaves the others together, and undoing brings it back', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build, of, a, b, c } = await listenerWithSongs(harness, signedIn)
  await choose(listener, { trackId: b, recordingId: a })
  await choose(listener, { trackId: c, recordingId: a })
  const changed = await choose(listener, { trackId: a, recordingId: a })
  await build()
  const apart = await playsBySong(listener.id)
  expect(apart.get(a)).toBe(of(a))
  expect([apart.get(b), apart.get(c)].filter(Boolean)).toEqual([of(b) + of(c)])
  expect((await recordingsOf(listener)).separate.map(({ id }) => id)).toEqual([a])
  for (const { trackId, before } of changed)
    await (before === null ? forget(listener, trackId) : choose(listener, { trackId, recordingId: before }))
  await build()
  expect((await playsBySong(listener.id)).get(a)).toBe(of(a) + of(b) + of(c))
})

test('many choices at once need one incremental build', async ({ harness, listener: signedIn }) => {
  const { listener, build, a, plays } = await listenerWithSongs(harness, signedIn)
  const { dataVersion } = await db().user.findUniqueOrThrow({ where: { id: listener.id } })
  const others = [...plays.keys()].slice(1, 11)
  await Promise.all(others.map((trackId) => choose(listener, { trackId, recordingId: a })))
  await build()
  expect((await playsBySong(listener.id)).size).toBe(plays.size - others.length)
  expect((await db().user.findUniqueOrThrow({ where: { id: listener.id } })).dataVersion).toBe(dataVersion + 1)
  const last = await db().modelBuild.findFirstOrThrow({ where: { userId: listener.id }, orderBy: { id: 'desc' } })
  expect(last).toMatchObject({ full: null, trigger: 'other changes', checksFailed: 0 })
})

test('a play of a song that counts as another one can be excluded', async ({ harness, listener: signedIn }) => {
  const { listener, build, of, a, b } = await listenerWithSongs(harness, signedIn)
  await choose(listener, { trackId: b, recordingId: a })
  await build()
  const { rows } = await queryChart(listener.id, 'history', { ...ALL, track: a, limit: '200' })
  const play = rows.find(({ track_id }) => track_id === b)
  await exclude(listener, { playedAt: String(play?.played_at), uri: String(play?.uri) })
  await build()
  expect((await playsBySong(listener.id)).get(a)).toBe(of(a) + of(b) - 1)
})

test('choices survive the loss of the warehouse file, and deleting the account deletes them', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build, of, a, b } = await listenerWithSongs(harness, signedIn)
  await choose(listener, { trackId: b, recordingId: a })
  await build()
  const file = duckdbFile(listener.id)
  await (await openDuckdb(file)).close()
  rmSync(file)
  await rebuildMissing()
  await build()
  expect((await playsBySong(listener.id)).get(a)).toBe(of(a) + of(b))

  const { name } = await db().user.findUniqueOrThrow({ where: { id: listener.id } })
  const { postgresRows } = await erase(listener.id, name ?? '')
  expect(postgresRows['choices about recordings']).toBe(1)
  expect(await db().recordingChoice.count({ where: { userId: listener.id } })).toBe(0)
})

test('unknown songs, and more than 2,000 choices, are refused and change nothing', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, a, b } = await listenerWithSongs(harness, signedIn)
  await expect(choose(listener, { trackId: a, recordingId: 'none' })).rejects.toMatchObject({ code: 'unknown-track' })
  await db().recordingChoice.createMany({
    data: Array.from({ length: 2_000 }, (_, index) => ({
      userId: listener.id,
      trackId: `song-${index}`,
      recordingId: 'other',
      changedAt: new Date(),
    })),
  })
  await expect(choose(listener, { trackId: a, recordingId: b })).rejects.toMatchObject({ code: 'too-many-choices' })
  expect(await db().recordingChoice.count({ where: { userId: listener.id } })).toBe(2_000)
  expect(await forget(listener, 'song-7')).toEqual([{ trackId: 'song-7', before: 'other' }])
  expect(await choose(listener, { trackId: a, recordingId: b })).toHaveLength(1)
})
