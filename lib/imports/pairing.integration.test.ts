import { expect } from 'vitest'
import { idFromNames } from '#lib/core/fold.ts'
import type { Row } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { pairedShare } from '#lib/pairing/paired-share.ts'
import { receiptOf } from '#lib/pairing/receipt.ts'
import { undoImport } from '#lib/pairing/undo-import.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import type { NewImportedPage } from '#lib/streams/imported-plays.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'
import { landImport } from './land-import.ts'

/** Imports among plays that were synced: what they pair with, what undoing one leaves, in both kinds of warehouses. */

const RECENT = 'user_recently_played_stream'

type Play = NewImportedPage['items'][number]

const play = (playedAt: string, changes: Partial<Play> = {}): Play => ({
  playedAt,
  uri: 'spotify:track:tide',
  msPlayed: 181_000,
  track: 'Low Tide',
  artist: 'Pebble',
  album: 'Tidepool',
  kind: 'song',
  skipped: false,
  private: false,
  offline: false,
  reasonStart: 'trackdone',
  reasonEnd: 'trackdone',
  ...changes,
})

async function* pagesOf(pages: NewImportedPage[]): AsyncGenerator<NewImportedPage> {
  yield* pages
}

const embeddedOf = async (userId: string) =>
  (await db().warehouseConnection.findUniqueOrThrow({ where: { userId_kind: { userId, kind: 'duckdb' } } })).id

async function importNow(userId: string, name: string, ...pages: NewImportedPage[]): Promise<string> {
  const id = `${name}-${userId}`
  await landImport({ id, userId }, pagesOf(pages))
  await loadAll(await embeddedOf(userId))
  return id
}

async function undoNow(userId: string, importId: string): Promise<void> {
  await undoImport({ userId, importId })
  await loadAll(await embeddedOf(userId))
}

const query = async (userId: string, sql: string) =>
  (await openDuckdb(duckdbFile(userId))).query(sql, [], { limit: 10_000 })

/** Everything that tables and models say, by Spotify's ids, without the moments at which it was loaded. */
async function everything(
  userId: string,
  withoutUser: (text: string) => string = (text) => text,
): Promise<Record<string, Row[]>> {
  const tables = {
    imported_plays: 'select * exclude (imported_at) from raw.imported_plays',
    play_pairs: 'select * exclude (paired_at) from raw.play_pairs',
    import_duplicates: 'select * exclude (paired_at) from raw.import_duplicates',
    resolved_ids: 'select * exclude (resolved_at) from raw.resolved_ids',
    imported_tracks: 'select * exclude (first_seen_at) from raw.imported_tracks',
    imported_albums: 'select * exclude (first_seen_at) from raw.imported_albums',
    imported_artists: 'select * exclude (first_seen_at) from raw.imported_artists',
    tracks: 'select id, name, artist_id, album_id from raw.tracks',
    plays: `select p.played_at, p.day, p.hour, t.track_id, a.artist_id, al.album_id, p.ms_played, p.ms_known, p.counts, p.source
      from analytical.fct_plays p join analytical.dim_tracks t using (track_key)
      left join analytical.dim_artists a on a.artist_key = p.artist_key
      left join analytical.dim_albums al on al.album_key = p.album_key`,
    dim_tracks:
      'select track_id, name, artist_names, plays, ms_played, first_played_at, last_played_at from analytical.dim_tracks',
    dim_artists: 'select artist_id, name, plays, ms_played from analytical.dim_artists',
    dim_albums: 'select album_id, name, plays, ms_played from analytical.dim_albums',
    days: 'select * exclude (batch) from analytical.agg_days',
    sessions: 'select started_at, ended_at, plays from analytical.fct_sessions',
  }
  const found: Record<string, Row[]> = {}
  for (const [name, sql] of Object.entries(tables))
    found[name] = JSON.parse(withoutUser(JSON.stringify(await query(userId, `${sql} order by all`))))
  return found
}

/** What was synced, as an export has it: ended 2 seconds later. */
async function syncedPlays(userId: string): Promise<Play[]> {
  const rows = await query(
    userId,
    `select p.played_at, p.uri, t.name, t.duration_ms, split_part(t.artist_names, ', ', 1) as artist, t.album_name
     from raw.plays p join raw.tracks t on t.id = p.track_id order by p.played_at`,
  )
  return rows.map((row) =>
    play(new Date(Date.parse(String(row.played_at)) + 2_000).toISOString(), {
      uri: String(row.uri),
      msPlayed: Number(row.duration_ms),
      track: String(row.name),
      artist: String(row.artist),
      album: String(row.album_name),
    }),
  )
}

const extended = (items: Play[], member = 0): NewImportedPage => ({ source: 'spotify-extended', member, items })
const account = (items: Play[], member = 0): NewImportedPage => ({
  source: 'spotify-account',
  member,
  items: items.map((item) => ({ ...item, uri: null, playedAt: `${item.playedAt.slice(0, 16)}:00.000Z` })),
})

const OLD = play('2020-05-01T20:03:04.000Z')
const OTHER = play('2020-05-01T20:13:04.000Z', { track: 'High Tide', uri: 'spotify:track:high' })

test('a receipt counts the rows of each file, and an import is recognized as the listener’s before it is loaded', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [RECENT])
  const synced = await syncedPlays(userId)
  const id = `mine-${userId}`
  await landImport(
    { id, userId },
    pagesOf([extended([OLD, ...synced]), account([OLD, OTHER], 1), extended([OLD, OTHER], 2)]),
  )
  expect(await pairedShare({ userId, importId: id })).toEqual({
    apiPlays: synced.length,
    paired: synced.length,
  })
  await loadAll(await embeddedOf(userId))
  expect(await receiptOf({ userId, importId: id })).toEqual([
    { member: 0, stored: synced.length + 1, paired: synced.length, duplicates: 0 },
    { member: 1, stored: 2, paired: 0, duplicates: 2 },
    { member: 2, stored: 1, paired: 0, duplicates: 0 },
  ])
  const [counted] = await query(userId, 'select count(*) as plays from analytical.fct_plays')
  expect(counted).toEqual({ plays: synced.length + 2 })
})

test('an undone import leaves the tables as if only the other one had been imported, in either order', async ({
  harness,
  listener,
}) => {
  const { userId } = listener
  await runToEnd(harness, listener.runId, [RECENT])
  const before = await everything(userId)
  const synced = await syncedPlays(userId)
  const a = [extended([OLD, ...synced.slice(10)]), account([OTHER], 1)]
  const b = [
    extended([OLD, OTHER, ...synced.slice(0, 30)]),
    { ...account(synced.slice(20, 40), 1), source: 'lastfm' as const },
  ]
  const onlyB = async () => everything(userId, (text) => text.replaceAll(/b\d-/g, 'b-'))

  const alone = await importNow(userId, 'b0', ...b)
  const expected = await onlyB()
  expect(expected.play_pairs?.length).toBeGreaterThan(20)
  expect(expected.import_duplicates?.length).toBeGreaterThan(5)
  await undoNow(userId, alone)
  expect(await everything(userId)).toEqual(before)

  const first = await importNow(userId, 'a1', ...a)
  const second = await importNow(userId, 'b1', ...b)
  await undoNow(userId, first)
  expect(await onlyB()).toEqual(expected)
  await undoNow(userId, second)
  expect(await everything(userId)).toEqual(before)

  const late = await importNow(userId, 'b2', ...b)
  await undoNow(userId, await importNow(userId, 'a2', ...a))
  expect(await onlyB()).toEqual(expected)
  await undoNow(userId, late)
  expect(await everything(userId)).toEqual(before)
})

test('a name without an id joins the song once an import with its id arrives', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [RECENT])
  await importNow(userId, 'names', account([OLD]))
  const byNames = idFromNames('Low Tide', 'Pebble')
  const song = "select track_id from analytical.dim_tracks where plays > 0 and name = 'Low Tide'"
  expect(await query(userId, song)).toEqual([{ track_id: byNames }])
  await importNow(userId, 'ids', extended([play('2021-05-01T20:03:04.000Z')]))
  expect(await query(userId, song)).toEqual([{ track_id: 'tide' }])
})

test('Snowflake gets what was paired, and loses what was undone', async ({ harness, listener: { userId, runId } }) => {
  await runToEnd(harness, runId, [RECENT])
  const connectionId = await harness.connect(userId)
  const synced = await syncedPlays(userId)
  const first = await importNow(userId, 'a', extended([OLD, ...synced.slice(10)]), account([OTHER], 1))
  await importNow(userId, 'b', extended([OLD, ...synced.slice(0, 30)]), account([OTHER, OLD], 1))
  const load = async () => {
    await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: null } })
    await harness.load(connectionId)
    return tablesOf(harness, userId)
  }
  const loaded = await load()
  expect(loaded.there).toEqual(loaded.here)
  expect(loaded.there.play_pairs?.length).toBe(synced.length)
  expect(loaded.there.import_duplicates?.length).toBe(1)
  await undoNow(userId, first)
  const undone = await load()
  expect(undone.there).toEqual(undone.here)
  expect(undone.there.play_pairs?.length).toBe(30)
  expect(undone.there.imported_plays?.some(({ import_id }) => import_id === first)).toBe(false)
  const { compared } = await db().warehouseConnection.findUniqueOrThrow({ where: { id: connectionId } })
  expect(Object.values(compared as Record<string, { alike: boolean }>).every(({ alike }) => alike)).toBe(true)
})

async function tablesOf(harness: SnowflakeHarness, userId: string) {
  const { there, here } = await harness.tablesOnBothSides(userId)
  const names = [
    'imported_plays',
    'play_pairs',
    'import_duplicates',
    'resolved_ids',
    'imported_tracks',
    'imported_artists',
  ]
  const only = (tables: Record<string, Row[]>) => Object.fromEntries(names.map((name) => [name, tables[name] ?? []]))
  return { there: only(there), here: only(here) }
}
