import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { genresFile, genresOf } from '#lib/query/genres.ts'
import { findAlbum, findArtist } from '#lib/query/music.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { openEmbeddedCopy } from '#lib/storage/places.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { erase } from './erase.ts'
import { importGenres, setGenres } from './genres.ts'

const PLAYS = 'user_recently_played_stream'
const ALL = { search: '', show: 'all', limit: 200 } as const

/** A listener whose plays are loaded, with two of their artists. */
async function listenerWithPlays(harness: Harness, { userId, runId }: { userId: string; runId: string }) {
  await runToEnd(harness, runId, [PLAYS])
  const { id } = await db().warehouseConnection.findUniqueOrThrow({
    where: { userId_kind: { userId, kind: 'duckdb' } },
  })
  const { artists, coverage } = await genresOf(userId, ALL)
  const [one, other] = artists
  if (!one || !other) throw new Error('There are too few artists')
  return { listener: { id: userId }, build: () => loadAll(id), artists, coverage, one, other }
}

const genresIn = async (userId: string) =>
  (await queryChart(userId, 'top-genres', { period: 'all' })).rows.map(({ genre, plays }) => [genre, plays])

async function textOf(file: Awaited<ReturnType<typeof genresFile>>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of file.bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

test('own genres show at once, count after the next build, and can be taken back', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build, one, other, coverage } = await listenerWithPlays(harness, signedIn)
  expect(coverage).toMatchObject({ withGenre: 0 })
  expect(coverage.plays).toBeGreaterThan(0)
  expect(await genresIn(listener.id)).toEqual([])

  const own = { artistId: one.id, genres: ['indie', 'folk'] }
  expect(await setGenres(listener, own)).toEqual({ ...own, source: 'own' })
  await setGenres(listener, { artistId: other.id, genres: ['folk'] })
  expect(await findArtist(listener.id, one.id, {})).toMatchObject({ genres: 'indie, folk', genreSource: 'own' })
  expect((await genresOf(listener.id, ALL)).artists[0]).toMatchObject({ genres: ['indie', 'folk'], source: 'own' })
  await build()
  expect(await genresIn(listener.id)).toEqual([
    ['folk', one.plays + other.plays],
    ['indie', one.plays],
  ])
  const { coverage: covered, isUpdating } = await genresOf(listener.id, ALL)
  expect(covered.withGenre).toBe(one.plays + other.plays)
  expect(isUpdating).toBe(false)
  const folk = await queryChart(listener.id, 'top-artists', { period: 'all', genre: 'folk' })
  expect(new Set(folk.rows.map(({ artist_id }) => artist_id))).toEqual(new Set([one.id, other.id]))

  // Shares add up: a play counts once, for the main genre of its artist.
  const { rows } = await queryChart(listener.id, 'genre-shares', { period: 'all' })
  const totals = new Map<string, number>()
  for (const { genre, kind, plays } of rows) {
    const name = String(genre ?? kind)
    totals.set(name, (totals.get(name) ?? 0) + Number(plays))
  }
  const rest = coverage.plays - one.plays - other.plays
  expect(Object.fromEntries(totals)).toEqual({ indie: one.plays, folk: other.plays, ...(rest ? { none: rest } : {}) })
  const named = rows.filter(({ kind }) => kind !== 'none')
  const sharesOf = (since: unknown) => named.filter((row) => row.since === since).map(({ share }) => Number(share))
  for (const { since } of named) expect(sharesOf(since).reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0)

  const [album] = (await queryChart(listener.id, 'albums', { artist: one.id })).rows
  const albumGenres = async () => (await findAlbum(listener.id, String(album?.album_id), {})).genres
  const ownGenres = { id: one.id, name: one.name, source: 'own' }
  expect(await albumGenres()).toContainEqual({ ...ownGenres, genres: ['indie', 'folk'] })

  // None is a choice too, and not the same as taking it back.
  await setGenres(listener, { artistId: one.id, genres: [] })
  await setGenres(listener, { artistId: other.id, genres: null })
  expect(await findArtist(listener.id, one.id, {})).toMatchObject({ genres: null, genreSource: 'own' })
  expect((await albumGenres()).map(({ id }) => id)).not.toContain(one.id)
  expect(await findArtist(listener.id, other.id, {})).toMatchObject({ genres: null, genreSource: null })
  await build()
  expect(await genresIn(listener.id)).toEqual([])
})

test('a downloaded file changes nothing when uploaded again, and adds only what was edited', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, artists, one, other } = await listenerWithPlays(harness, signedIn)
  await setGenres(listener, { artistId: one.id, genres: ['indie'] })
  const csv = await textOf(await genresFile(listener.id))
  expect(csv.split('\r\n')[0]).toBe('\uFEFFartist_id,artist_name,artist_genre,source')
  expect(csv.split('\r\n').length).toBeGreaterThan(artists.length)
  expect(await importGenres(listener, csv)).toMatchObject({ saved: 0, unchanged: 1, unknown: 0, invalid: 0 })

  const file = [
    'artist_id,artist_name,artist_genre',
    `${one.id},${one.name},"Indie, ,indie"`,
    `,"${other.name?.toUpperCase()}",K-Pop`,
    `${other.id},,k-pop girl group`,
    'unknown,Nobody at all,rock',
    `${artists[2]?.id},${artists[2]?.name},`,
    `${artists[3]?.id},,"${Array.from({ length: 11 }, (_, at) => `genre ${at}`).join(',')}"`,
  ].join('\n')
  expect(await importGenres(listener, file)).toEqual({
    saved: 1,
    unchanged: 1,
    withoutGenre: 1,
    unknown: 1,
    invalid: 1,
  })
  expect(await findArtist(listener.id, other.id, {})).toMatchObject({ genres: 'k-pop, k-pop girl group' })
  expect(await importGenres(listener, file)).toMatchObject({ saved: 0, unchanged: 2 })
})

test('refuses other files and unknown artists', async ({ harness, listener: signedIn }) => {
  const { listener } = await listenerWithPlays(harness, signedIn)
  for (const csv of ['name,genre\na,b', '<html></html>\nx', '\u0000\u0001', '\n'])
    await expect(importGenres(listener, csv)).rejects.toMatchObject({ code: 'bad-genres-file' })
  await expect(setGenres(listener, { artistId: 'nobody', genres: ['rock'] })).rejects.toMatchObject({ status: 404 })
})

test('own genres survive a rebuild of the warehouse and are deleted with the account', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build, one } = await listenerWithPlays(harness, signedIn)
  await setGenres(listener, { artistId: one.id, genres: ['indie'] })
  await build()
  const warehouse = await openEmbeddedCopy({ userId: listener.id })
  await warehouse.drop({ schema: 'raw', name: 'genre_map' })
  await db().warehouseConnection.updateMany({ where: { userId: listener.id }, data: { modelsState: 'urgent' } })
  await build()
  expect(await genresIn(listener.id)).toEqual([['indie', one.plays]])
  const { name } = await db().user.findUniqueOrThrow({ where: { id: listener.id } })
  expect((await erase(listener.id, name ?? '')).postgresRows).toMatchObject({ 'own genres': 1 })
  expect(await db().genreChoice.count({ where: { userId: listener.id } })).toBe(0)
})
