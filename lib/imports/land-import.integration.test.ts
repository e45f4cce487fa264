import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { erase } from '#lib/accounts/erase.ts'
import { idFromNames } from '#lib/core/fold.ts'
import { db } from '#lib/db.ts'
import { rebuildMissing } from '#lib/load/load.ts'
import { duckdbFile, landing } from '#lib/storage/places.ts'
import type { NewImportedPage } from '#lib/streams/imported-plays.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'
import { landImport, landPage, openRead } from './land-import.ts'

const TOP = 'user_top_tracks_st_stream'

type Page = NewImportedPage
type Play = Page['items'][number]

const play = (changes: Partial<Play> = {}): Play => ({
  playedAt: '2020-05-01T20:03:04.000Z',
  uri: 'spotify:track:tide',
  msPlayed: 181_000,
  track: 'Low Tide',
  artist: 'Pebble',
  album: 'Tidepool',
  kind: 'song',
  skipped: false,
  private: false,
  offline: true,
  reasonStart: 'trackdone',
  reasonEnd: 'trackdone',
  ...changes,
})

async function* pagesOf(...pages: Play[][]): AsyncGenerator<Page> {
  for (const items of pages) yield { source: 'spotify-extended', items }
}

/** Pages whose source breaks off after the first one, as when the process dies. */
async function* broken(first: Play[]): AsyncGenerator<Page> {
  yield* pagesOf(first)
  throw new Error('killed')
}

const embeddedOf = (userId: string) =>
  db().warehouseConnection.findUniqueOrThrow({ where: { userId_kind: { userId, kind: 'duckdb' } } })

/** Lands and loads an import. */
async function importNow(userId: string, ...pages: Play[][]): Promise<string> {
  const id = `import-${userId}`
  await landImport({ id, userId }, pagesOf(...pages))
  await loadAll((await embeddedOf(userId)).id)
  return id
}

const importedRows = (harness: SnowflakeHarness, userId: string) =>
  harness.tableRows(userId, 'imported_plays', 'played_at, uri, ms_played')

test('a page that would take the place of the next file’s is refused', async ({ listener: { userId } }) => {
  const read = await openRead({ id: `long-${userId}`, userId })
  const page = { source: 'spotify-extended' as const, items: [play()] }
  await landPage(read, { member: 0, number: 999 }, page)
  await expect(landPage(read, { member: 0, number: 1_000 }, page)).rejects.toMatchObject({ recovery: 'stop' })
  expect(await db().landedObject.findMany({ where: { readId: read.id } })).toMatchObject([{ page: 999 }])
})

test('imported plays land without the fields that no table holds, and load with what they say', async ({
  harness,
  listener: { userId },
}) => {
  const withMore = { ...play(), ip_addr: '192.0.2.7', username: 'pebble-fan' }
  const id = await importNow(userId, [withMore, play({ uri: null, track: 'High Tide' })])
  const [object] = await db().landedObject.findMany({ where: { readId: id } })
  expect(object).toMatchObject({ outcome: 'loaded', items: 2 })
  expect(await landing().get(object?.path ?? '')).not.toMatch(/192\.0\.2\.7|pebble-fan/)
  const rows = await harness.tableRows(userId, 'imported_plays')
  expect(rows.find(({ uri }) => uri === 'spotify:track:tide')).toMatchObject({
    played_at: '2020-05-01T20:03:04.000Z',
    ms_played: 181_000,
    track_id: 'tide',
    artist_id: idFromNames('Pebble'),
    album_id: idFromNames('Tidepool', 'Pebble'),
    kind: 'song',
    source: 'spotify-extended',
    offline: true,
    reason_end: 'trackdone',
    import_id: id,
  })
  const byNames = idFromNames('High Tide', 'Pebble')
  expect(rows.find(({ track_id }) => track_id === byNames)).toMatchObject({ uri: byNames })
  const songs = await harness.tableRows(userId, 'imported_tracks', 'id, name')
  expect(songs).toContainEqual({ id: byNames, name: 'High Tide' })
  expect(await harness.tableRows(userId, 'tracks', 'id')).toEqual([])
})

test('an interrupted import is completed by its repetition, once', async ({ harness, listener: { userId } }) => {
  const first = [play()]
  const second = [play({ playedAt: '2020-05-01T20:10:00.000Z' })]
  const one = { id: `import-${userId}`, userId }
  await expect(landImport(one, broken(first))).rejects.toThrow('killed')
  await loadAll((await embeddedOf(userId)).id)
  expect(await importedRows(harness, userId)).toEqual([])
  await Promise.all([landImport(one, pagesOf(first, second)), landImport(one, pagesOf(first, second))])
  await loadAll((await embeddedOf(userId)).id)
  expect(await landImport(one, pagesOf())).toBe(2)
  await loadAll((await embeddedOf(userId)).id)
  expect(await importedRows(harness, userId)).toHaveLength(2)
  expect(await db().landedObject.count({ where: { readId: one.id } })).toBe(2)
})

test('names in an export do not replace what Spotify said about a song', async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [TOP])
  const described = () => harness.tableRows(listener.userId, 'tracks', 'id, name, artist_id, album_id')
  const [known] = await described()
  await importNow(listener.userId, [
    play({ uri: `spotify:track:${known?.id}`, track: 'other words', artist: 'Nobody' }),
  ])
  expect(await described()).toContainEqual(known)
})

test('a song that only an export names is by the artist and on the album that Spotify described', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [TOP])
  const [known] = await harness.tableRows(
    userId,
    'tracks',
    "artist_id, album_id, album_name, split_part(artist_names, ', ', 1) as artist",
  )
  await importNow(userId, [play({ artist: String(known?.artist).toUpperCase(), album: String(known?.album_name) })])
  const { artist_id, album_id } = known ?? {}
  const warehouse = await openDuckdb(duckdbFile(userId))
  const songs = await warehouse.query(
    'select track_id as id, artist_id, artist_ids, album_id from staging.stg_tracks',
    [],
  )
  expect(songs).toContainEqual({ id: 'tide', artist_id, artist_ids: artist_id, album_id })
  for (const kind of ['artist', 'album']) {
    const byNames = `select * from staging.stg_${kind}s where ${kind}_id like 'n-%'`
    expect(await warehouse.query(byNames, [])).toEqual([])
  }
  const plays =
    'select d.track_id, a.artist_id from analytical.fct_plays join analytical.dim_tracks d using (track_key) join analytical.dim_artists a on a.artist_key = d.artist_key'
  expect(await warehouse.query(plays, [])).toEqual([{ track_id: 'tide', artist_id }])
})

test('a lost warehouse file is rebuilt with the imported plays, and deleting the data deletes them', async ({
  harness,
  listener: { userId },
}) => {
  const id = await importNow(userId, [play()])
  const before = await importedRows(harness, userId)
  const file = duckdbFile(userId)
  await (await openDuckdb(file)).close()
  rmSync(file)
  await rebuildMissing()
  await loadAll((await embeddedOf(userId)).id)
  expect(await importedRows(harness, userId)).toEqual(before)

  const name = (await db().user.findUniqueOrThrow({ where: { id: userId } })).name ?? ''
  await erase(userId, name)
  expect(await db().streamRead.count({ where: { id } })).toBe(0)
  const folder = join(harness.folder, 'real', 'landing', 'raw_data')
  const left = readdirSync(folder, { recursive: true }).map(String)
  expect(left.filter((path) => path.includes(userId))).toEqual([])
  expect(existsSync(file)).toBe(false)
})

test('Snowflake gets imports: those from before it was connected by a copy, later ones like every read', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [TOP])
  await importNow(userId, [play()])
  const connectionId = await harness.connect(userId)
  const later = { id: `later-${userId}`, userId }
  await landImport(later, pagesOf([play({ playedAt: '2021-05-01T20:10:00.000Z', uri: 'spotify:track:ebb' })]))
  await loadAll((await embeddedOf(userId)).id)
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: null } })
  await harness.load(connectionId)
  const { there, here } = await harness.tablesOnBothSides(userId)
  expect(there.imported_plays).toHaveLength(2)
  expect(there.imported_plays).toEqual(here.imported_plays)
  // They come with what was paired.
  expect(there.imported_tracks).toEqual(here.imported_tracks)
  expect(there.imported_tracks).toContainEqual(expect.objectContaining({ id: 'ebb' }))
})
