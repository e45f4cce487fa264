import { expect } from 'vitest'
import type { Row, Table } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { plan } from '#lib/schedule/plan.ts'
import { duckdbFile, openEmbeddedCopy } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import { accountMembers, accountRow, madePlays } from '#testing/exports/spotify.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { test } from '#testing/sync/fixture.ts'
import { importFiles } from '#testing/sync/import-files.ts'
import { loadAll, runNow, runToEnd } from '#testing/sync/run-jobs.ts'

const PLAYS = 'user_recently_played_stream'
const SAVED = 'user_saved_albums_stream'

/** The columns of the former table that matter here; it had 40. */
const wide: Table = {
  schema: 'raw',
  name: PLAYS,
  columns: {
    synced_at: 'timestamp',
    played_at: 'timestamp',
    context_type: 'text',
    context_uri: 'text',
    id: 'text',
    name: 'text',
    type: 'text',
    uri: 'text',
    duration_ms: 'integer',
    album: 'json',
    artists: 'json',
    external_ids: 'json',
    external_urls: 'json',
    popularity: 'integer',
  },
  key: ['played_at', 'uri'],
}

function play(minute: number, id: string | null, more: Row = {}): Row {
  const at = `2026-03-01T12:${String(minute).padStart(2, '0')}:00.000Z`
  return {
    synced_at: '2026-03-01T13:00:00.000Z',
    played_at: at,
    context_type: 'album',
    context_uri: 'spotify:album:old',
    id,
    name: `Song ${id ?? 'of a file'}`,
    type: 'track',
    uri: `spotify:track:${id ?? 'local'}`,
    duration_ms: 200_000,
    album: { id: 'old', name: 'An older album', artists: [{ id: 'band', name: 'A Band' }] },
    artists: [
      { id: 'band', name: 'A Band' },
      { id: 'guest', name: 'Guest' },
    ],
    external_ids: { isrc: 'XX0000000009' },
    external_urls: { spotify: 'https://open.spotify.com/track/x' },
    popularity: 5,
    ...more,
  }
}

/** A listener whose warehouse has the tables of the version before, with `rows` as plays. */
async function withOldTables(person: { userId: string }, rows: Row[]): Promise<string> {
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId: person.userId } })
  const warehouse = await openEmbeddedCopy({ userId: person.userId })
  for (const name of ['plays', 'tracks', 'albums', 'artists']) await warehouse.drop({ schema: 'raw', name })
  await warehouse.load(loadOf(rows, { table: wide, mode: 'merge', stream: PLAYS }))
  await db().warehouseConnection.update({ where: { id }, data: { tablesVersion: 0 } })
  return id
}

test('moves plays into their new table and says so, without waiting for a sync', async ({ harness }) => {
  const person = await harness.signIn('load-20')
  await runToEnd(harness, person.runId, [SAVED])
  const id = await withOldTables(person, [play(1, 'one'), play(2, 'two'), play(3, null)])

  expect((await plan(new Date())).connections).toContain(id)
  await loadAll(id)
  const plays = await harness.tableRows(
    person.userId,
    'plays',
    'played_at, uri, track_id, artist_id, album_id, context_uri',
  )
  expect(plays).toHaveLength(3)
  expect(plays).toContainEqual({
    played_at: '2026-03-01T12:01:00.000Z',
    uri: 'spotify:track:one',
    track_id: 'one',
    artist_id: 'band',
    album_id: 'old',
    context_uri: 'spotify:album:old',
  })
  const tracks = await harness.tableRows(person.userId, 'tracks', 'id, name, duration_ms, isrc')
  expect(tracks).toContainEqual({ id: 'one', name: 'Song one', duration_ms: 200_000, isrc: 'XX0000000009' })
  expect(tracks.map((track) => track.id)).toEqual(expect.arrayContaining(plays.map((row) => row.track_id)))
  const artists = await harness.tableRows(person.userId, 'artists', 'id')
  expect(artists).toEqual(expect.arrayContaining([{ id: 'band' }, { id: 'guest' }]))
  // What other tables describe comes along.
  const saved = await harness.tableRows(person.userId, SAVED, 'id')
  const albums = (await harness.tableRows(person.userId, 'albums', 'id')).map((album) => album.id)
  expect(saved.length).toBeGreaterThan(0)
  expect(albums).toEqual(expect.arrayContaining(saved.map((album) => album.id)))
  expect(await harness.tableRows(person.userId, PLAYS)).toEqual([])
  expect((await plan(new Date())).connections).not.toContain(id)
})

test('an upgrade builds the models again, because charts may need what the last version did not write', async ({
  harness,
}) => {
  const { userId, runId } = await harness.signIn('load-27')
  await runToEnd(harness, runId, [PLAYS])
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await (await openEmbeddedCopy({ userId })).build([], async (run) => {
    await run('alter table analytical.fct_plays drop column not_counted')
    await run(`update tracklake.builds set inputs = 'those of the last version'`)
  })
  await db().warehouseConnection.update({ where: { id }, data: { tablesVersion: 1 } })
  await loadAll(id)
  const { rows } = await queryChart(userId, 'history', { period: 'all' })
  expect(rows.length).toBeGreaterThan(0)
})

test('what imports said about music moves to tables of its own, and nothing else is lost', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-28')
  await runToEnd(harness, runId, [SAVED])
  const plays = [...madePlays({ plays: 300 })]
  await importFiles(userId, { 'account.zip': zipOf(accountMembers(plays.map(accountRow))) })
  const columns = 'track_id, name, plays, ms_played'
  const warehouse = await openEmbeddedCopy({ userId })
  const heard = () =>
    warehouse.query(`select ${columns} from analytical.dim_tracks where plays > 0 order by all`, [], { limit: 1_000 })
  const before = { heard: await heard(), tracks: await harness.tableRows(userId, 'tracks', 'count(*) as rows') }
  expect(before.heard.length).toBeGreaterThan(100)
  // Version 1 kept songs, albums and artists of imports with Spotify's.
  await warehouse.build([], async (run) => {
    for (const [table, names] of Object.entries({
      tracks: ', artist_id, album_id',
      albums: ', artist_id',
      artists: '',
    }))
      await run(`insert into raw.${table} by name select id, name, folded${names} from raw.imported_${table}
        where id not in (select id from raw.${table})`)
    for (const table of ['tracks', 'albums', 'artists']) await run(`delete from raw.imported_${table}`)
  })
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await db().warehouseConnection.update({ where: { id }, data: { tablesVersion: 1 } })
  await loadAll(id)
  const named = "count(*) filter (where starts_with(id, 'n-')) as named"
  expect(await harness.tableRows(userId, 'tracks', named)).toEqual([{ named: 0 }])
  expect(await harness.tableRows(userId, 'tracks', 'count(*) as rows')).toEqual(before.tracks)
  expect((await harness.tableRows(userId, 'imported_tracks')).length).toBeGreaterThan(100)
  expect(await heard()).toEqual(before.heard)
})

test('a sync that comes first upgrades too, keeps all plays and mentions it in its log', async ({ harness }) => {
  const person = await harness.signIn('load-21')
  await runToEnd(harness, person.runId, [SAVED])
  await withOldTables(person, [play(1, 'one'), play(2, 'two')])
  const run = await runNow(harness, person.userId, [PLAYS])
  const items = run.streams[PLAYS]?.items ?? 0
  expect(items).toBeGreaterThan(0)
  expect(await harness.tableRows(person.userId, 'plays')).toHaveLength(items + 2)
  const lines = await db().streamRunLine.findMany({ where: { streamRun: { runId: run.id, stream: PLAYS } } })
  expect(lines.map(({ message }) => message)).toContainEqual(expect.stringContaining('Moved 2 plays'))
})

test('an upgrade that broke off before its end is repeated and doubles nothing', async ({ harness }) => {
  const person = await harness.signIn('load-22')
  await runToEnd(harness, person.runId, [SAVED])
  const rows = [play(1, 'one'), play(2, 'two')]
  const id = await withOldTables(person, rows)
  await loadAll(id)
  // As it was before the last two steps: the old table is still there, and nothing says that its plays were moved.
  const warehouse = await openDuckdb(duckdbFile(person.userId))
  await warehouse.load(loadOf(rows, { table: wide, mode: 'merge', stream: PLAYS }))
  await db().warehouseConnection.update({ where: { id }, data: { tablesVersion: 0 } })
  await loadAll(id)
  expect(await harness.tableRows(person.userId, 'plays')).toHaveLength(2)
  expect(await harness.tableRows(person.userId, PLAYS)).toEqual([])
})
