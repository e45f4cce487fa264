import { afterAll, beforeEach, expect } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { queueArtists } from '#lib/load/genres.ts'
import { genresOf } from '#lib/query/genres.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { FAULTS, startMusicBrainz } from '#testing/musicbrainz.ts'
import { test } from '#testing/sync/fixture.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { lookUpGenres, wakeListeners } from './look-up.ts'

const PACE_MS = 40
const server = await startMusicBrainz()
afterAll(() => server.close())

test.override('options', [
  {
    MUSICBRAINZ_URL: server.url,
    MUSICBRAINZ_CONTACT: 'operator@example.com',
    MUSICBRAINZ_PACE_MS: String(PACE_MS),
  },
])

const soon = () => Date.now() + 20_000
const stored = async (name: string) => db().artistGenres.findUniqueOrThrow({ where: { name } })
const queue = (...names: string[]) =>
  queueArtists(
    'nobody',
    names.map((name, at) => ({ name, folded: name.toLowerCase(), plays: 100 - at })),
  )

beforeEach(async () => {
  server.artists.clear()
  server.requests.length = 0
  await db().artistGenres.deleteMany()
  await db().musicBrainzPace.deleteMany()
})

test('the most played artists come first, one at a time and not faster than allowed, over all processes', async () => {
  for (const name of ['One', 'Two', 'Three']) server.artists.set(`id-${name}`, { name, genres: { rock: 1 } })
  await queue('One', 'Two', 'Three')
  await db().artistGenres.updateMany({ where: { name: 'three' }, data: { weight: 1_000 } })
  const ends = await Promise.all([lookUpGenres(soon()), lookUpGenres(soon())])
  expect(ends.reduce((sum, { answered }) => sum + answered, 0)).toBe(3)
  expect(server.mostAtOnce()).toBe(1)
  expect(server.requests[0]?.about).toBe('Three')
  const pauses = server.requests.slice(1).map(({ at }, index) => at - (server.requests[index]?.at ?? 0))
  expect(server.requests).toHaveLength(6)
  // Two clocks round to milliseconds.
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(PACE_MS - 2)
  expect(await stored('one')).toMatchObject({ genres: 'rock', mbid: 'id-One', problem: null })
})

test('keeps responses, and looks up an unknown artist again after 90 days', async () => {
  server.artists.set('id', { name: 'Known', genres: { rock: 1 } })
  await queue('Known', 'Unknown')
  expect(await lookUpGenres(soon())).toEqual({ answered: 2, more: false })
  expect(server.requests.map(({ about }) => about)).toEqual(['Known', 'id', 'Unknown'])
  await queue('Known', 'Unknown')
  const later = (days: number) => () => new Date(Date.now() + days * DAY)
  expect(await lookUpGenres(soon(), later(89))).toEqual({ answered: 0, more: false })
  expect(await lookUpGenres(soon(), later(91))).toEqual({ answered: 1, more: false })
  expect(server.requests.map(({ about }) => about)).toEqual(['Known', 'id', 'Unknown', 'Unknown'])
})

test('after a refusal, pauses for as long as MusicBrainz asks, then continues', async () => {
  server.artists.set('id', { name: 'One', genres: { rock: 1 } })
  await queue('One')
  server.failNext(FAULTS.busy)
  expect(await lookUpGenres(Date.now() + 1_000)).toEqual({ answered: 0, more: false })
  expect(await db().musicBrainzPace.findFirst()).toMatchObject({
    heldBy: null,
    failures: 1,
    problem: 'MusicBrainz responds with status 503',
  })
  expect(await lookUpGenres(Date.now() + 1_000)).toEqual({ answered: 0, more: false })
  expect(server.requests).toHaveLength(1)
  await db().musicBrainzPace.updateMany({ data: { freeAt: new Date(0) } })
  expect(await lookUpGenres(soon())).toEqual({ answered: 1, more: false })
  expect(await db().musicBrainzPace.findFirst()).toMatchObject({ failures: 0, problem: null })
})

test('an artist that keeps failing does not hold up the others', async () => {
  server.artists.set('id', { name: 'Two', genres: { rock: 1 } })
  await queue('One', 'Two')
  for (let attempt = 0; attempt < 3; attempt++) {
    server.failNext(FAULTS.half)
    await lookUpGenres(soon())
    await db().musicBrainzPace.updateMany({ data: { freeAt: new Date(0) } })
  }
  server.failNext(FAULTS.refused)
  await queue('Refused')
  await lookUpGenres(soon())
  expect((await stored('one')).fetchedAt).toBeNull()
  expect((await stored('two')).genres).toBe('rock')
})

test('an artist whose id is gone from MusicBrainz is searched again', async () => {
  server.artists.set('new', { name: 'One', genres: { rock: 1 } })
  await queue('One')
  await db().artistGenres.updateMany({ where: { name: 'one' }, data: { mbid: 'gone' } })
  expect(await lookUpGenres(soon())).toEqual({ answered: 0, more: false })
  expect(await stored('one')).toMatchObject({ mbid: null, attempts: 1 })
  expect(await lookUpGenres(soon(), () => new Date(Date.now() + DAY))).toEqual({ answered: 1, more: false })
  expect(server.requests.map(({ about }) => about)).toEqual(['gone', 'One', 'new'])
  expect(await stored('one')).toMatchObject({ mbid: 'new', genres: 'rock', problem: null })
})

test('the lease of a dead process expires', async () => {
  server.artists.set('id', { name: 'One', genres: { rock: 1 } })
  await queue('One')
  const held = { id: 1, heldBy: 'dead', freeAt: new Date(Date.now() + 60_000) }
  await db().musicBrainzPace.create({ data: held })
  expect(await lookUpGenres(soon())).toEqual({ answered: 0, more: false })
  await db().musicBrainzPace.updateMany({ data: { freeAt: new Date(0) } })
  expect(await lookUpGenres(soon())).toEqual({ answered: 1, more: false })
})

test('a listener’s artists are queued by a build and counted by the next one, under their names alone', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, ['user_recently_played_stream'])
  const before = await genresOf(userId, { search: '', show: 'all', limit: 200 })
  const names = before.artists.map(({ name }) => name ?? '')
  expect(before.musicBrainz).toMatchObject({ isOn: true, waiting: new Set(names).size })
  for (const name of names) server.artists.set(`id ${name}`, { name, genres: { 'dream pop': 2, rock: 1 } })
  const { answered } = await lookUpGenres(soon())
  expect(answered).toBe(new Set(names).size)

  const sent = JSON.stringify(server.requests)
  const { spotifyAccountId, spotifyUserId } = await db().user.findUniqueOrThrow({ where: { id: userId } })
  for (const id of [userId, spotifyAccountId, spotifyUserId]) expect(sent).not.toContain(id)

  // Without new plays, models wait for the end of a run.
  await db().run.updateMany({ where: { userId }, data: { state: 'succeeded', endedAt: new Date() } })
  const later = new Date(Date.now() + 10 * 60_000)
  const connections = await wakeListeners(true, later)
  expect(connections).toHaveLength(1)
  expect(await wakeListeners(true, later)).toEqual([])
  for (const id of connections) await loadAll(id)
  const { rows } = await queryChart(userId, 'genre-sources', { period: 'all' })
  expect(rows).toMatchObject([{ source: 'musicbrainz', share: 100 }])
  const { coverage, musicBrainz } = await genresOf(userId, { search: '', show: 'missing', limit: 20 })
  expect(coverage.withGenre).toBe(coverage.plays)
  expect(musicBrainz.waiting).toBe(0)
  expect(await wakeListeners(true, new Date(later.getTime() + 10 * 60_000))).toEqual([])
})
