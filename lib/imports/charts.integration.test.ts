import { expect } from 'vitest'
import { stopRuns } from '#lib/accounts/disconnect.ts'
import { me } from '#lib/accounts/status.ts'
import { db } from '#lib/db.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { chartCsv, featuresCsv } from '#testing/exports/trackers.ts'
import { importFiles, runImportToEnd, uploadFiles } from '#testing/sync/import-files.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import { cancelImport, replyToImport, undoImport } from './imports.ts'
import { importChartPlaylist } from './playlist-chart.ts'

/** What files bring besides plays: charts and audio features. */

const WEEKLY = 'regional-global-weekly'
const FIRST = '2026-02-26'
const SECOND = '2026-03-05'
const file = (day: string) => `${WEEKLY}-${day}.csv`

const query = async (userId: string, sql: string) =>
  (await openDuckdb(duckdbFile(userId))).query(sql, [], { limit: 10_000 })

test('imports a downloaded chart and a history from the same upload', async ({ listener }) => {
  const { userId } = listener
  await stopRuns(userId)
  expect((await me({ id: userId })).hasCharts).toBe(false)
  const plays = [...madePlays({ plays: 300 })]
  const history = JSON.stringify(plays.map((play) => extendedRow(play)))
  const done = await importFiles(userId, {
    [file(FIRST)]: chartCsv(200),
    'Streaming_History_Audio_2024_0.json': history,
    [file(SECOND)]: chartCsv(200),
  })
  expect(done).toMatchObject({ state: 'done', read: 700, new: 700, duplicate: 0 })
  expect(done.members.map(({ kind, read, new: added }) => [kind, read, added])).toEqual(
    expect.arrayContaining([
      ['charts', 200, 200],
      ['spotify-extended', 300, 300],
    ]),
  )
  expect((await me({ id: userId })).hasCharts).toBe(true)
  const params = { chart: WEEKLY, from: SECOND, to: SECOND, limit: '200' }
  const { charts } = await queryCharts(userId, ['global-charts', 'global-chart-lines'], { params })
  const [entries, lines] = charts.map(({ rows }) => rows)
  expect(entries).toHaveLength(200)
  expect(entries?.[0]).toMatchObject({ rank: 1, day: SECOND, streams: 999_999, previous_rank: 2, time_on_chart: 1 })
  const played = new Set(plays.map(({ song }) => song))
  const own = entries?.filter(({ plays: count }) => Number(count) > 0).map(({ rank }) => Number(rank))
  expect(own?.length).toBeGreaterThan(0)
  expect(own?.every((rank) => played.has(rank))).toBe(true)
  expect(new Set(lines?.map(({ day }) => day))).toEqual(new Set([FIRST, SECOND]))
})

test('a chart imported twice adds nothing, and a renamed file needs an answer', async ({ listener }) => {
  const { userId } = listener
  await stopRuns(userId)
  await importFiles(userId, { [file(FIRST)]: chartCsv(50) })
  const again = await importFiles(userId, { [file(FIRST)]: chartCsv(60) })
  expect(again).toMatchObject({ state: 'done', read: 60, new: 10, duplicate: 50 })
  const waiting = await importFiles(userId, { 'download.csv': chartCsv(50, 'days') })
  expect(waiting).toMatchObject({ state: 'needs-answer', question: { kind: 'chart' } })
  const { position } = waiting.question as unknown as { position: number }
  await replyToImport({ id: userId }, waiting.id, { kind: 'chart', position, chart: 'regional-de-daily', day: SECOND })
  expect(await runImportToEnd(userId, waiting.id)).toMatchObject({ state: 'done', new: 50 })
  expect(
    await query(
      userId,
      `select chart, day, count(*) as entries, max(weeks_on_chart) as weeks, max(days_on_chart) as days
       from raw.chart_entries group by 1, 2 order by 1`,
    ),
  ).toEqual([
    { chart: 'regional-de-daily', day: SECOND, entries: 50, weeks: null, days: 50 },
    { chart: WEEKLY, day: FIRST, entries: 60, weeks: 51, days: null },
  ])
})

test('undoing an import removes its charts, and restores what another import also had', async ({ listener }) => {
  const { userId } = listener
  await stopRuns(userId)
  const first = await importFiles(userId, { [file(FIRST)]: chartCsv(50), 'features.csv': featuresCsv(5) })
  const second = await importFiles(userId, { [file(FIRST)]: chartCsv(60), [file(SECOND)]: chartCsv(10) })
  const undo = async (importId: string) => {
    await undoImport({ id: userId }, importId)
    expect((await runImportToEnd(userId, importId)).state).toBe('undone')
  }
  const days = () =>
    query(
      userId,
      `select cast(day as varchar) as day, count(*) as entries, min(import_id) as import_id, max(import_id) as other
       from raw.chart_entries group by 1 order by 1`,
    )
  await undo(first.id)
  const by = { import_id: second.id, other: second.id }
  expect(await days()).toEqual([
    { day: FIRST, entries: 60, ...by },
    { day: SECOND, entries: 10, ...by },
  ])
  expect(await query(userId, 'select * from raw.audio_features')).toEqual([])
  await undo(second.id)
  expect(await days()).toEqual([])
  expect((await me({ id: userId })).hasCharts).toBe(false)
})

test('a canceled import of charts leaves nothing', async ({ listener: { userId } }) => {
  await stopRuns(userId)
  const id = await uploadFiles(userId, { 'one.csv': chartCsv(5), [file(FIRST)]: chartCsv(50) })
  expect((await runImportToEnd(userId, id)).state).toBe('needs-answer')
  await cancelImport({ id: userId }, id)
  expect((await runImportToEnd(userId, id)).state).toBe('cancelled')
  expect(await db().landedObject.count({ where: { read: { userId } } })).toBe(0)
  expect((await me({ id: userId })).hasCharts).toBe(false)
})

test('audio features are stored by song, and reach Snowflake as charts do', async ({ harness, listener }) => {
  const { userId } = listener
  await stopRuns(userId)
  const connectionId = await harness.connect(userId)
  const done = await importFiles(userId, { 'features.csv': featuresCsv(30), [file(FIRST)]: chartCsv(20) })
  expect(done).toMatchObject({ state: 'done', read: 50, new: 50 })
  const features = 'select track_id, danceability, tempo, key from staging.stg_audio_features order by uri limit 1'
  expect(await query(userId, features)).toEqual([
    { track_id: expect.any(String), danceability: 0.25, tempo: 120.5, key: expect.any(Number) },
  ])
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: null } })
  await harness.load(connectionId)
  const { there, here } = await harness.tablesOnBothSides(userId)
  expect(there.chart_entries).toHaveLength(20)
  expect(there.chart_entries).toEqual(here.chart_entries)
  expect(there.audio_features).toHaveLength(30)
  expect(there.audio_features).toEqual(here.audio_features)
})

test('a playlist is imported as the chart that it is a copy of, and undone', async ({ harness, listener }) => {
  const { userId, runId } = listener
  await runToEnd(harness, runId, ['user_playlists_stream', 'user_playlist_items_stream'])
  const [list] = await query(
    userId,
    `select playlist_id, count(*) as entries, count(*) filter (where item_type = 'track') as songs
     from raw.user_playlist_items_stream group by playlist_id having songs between 5 and 200 order by songs desc limit 1`,
  )
  const playlist = String(list?.playlist_id)
  const copy = { playlist, chart: 'regional-de-weekly', day: FIRST }
  const order = (changes: Partial<typeof copy>) => importChartPlaylist({ id: userId }, { ...copy, ...changes }, SECOND)
  await expect(order({ playlist: 'none' })).rejects.toMatchObject({ code: 'unknown-playlist' })
  await expect(order({ day: '2026-03-06' })).rejects.toMatchObject({ code: 'no-chart' })
  const { id } = await order({})
  await expect(order({})).rejects.toMatchObject({ code: 'import-open' })
  const done = await runImportToEnd(userId, id)
  expect(done).toMatchObject({ state: 'done', read: Number(list?.entries), new: Number(list?.songs) })
  const params = { chart: copy.chart, from: FIRST, to: FIRST, limit: '200' }
  const chartOf = async () => (await queryCharts(userId, ['global-charts'], { params })).charts[0]?.rows ?? []
  const songs = await query(
    userId,
    `select position as rank, uri from raw.user_playlist_items_stream
     where playlist_id = '${playlist}' and item_type = 'track' order by position`,
  )
  const rows = await chartOf()
  expect(rows.map(({ rank }) => rank)).toEqual(songs.map(({ rank }) => rank))
  expect(rows[0]).toMatchObject({ source: 'playlist', url: expect.stringContaining('open.spotify.com') })
  // The playlist may change; what was imported stays.
  expect(await runImportToEnd(userId, (await order({})).id)).toMatchObject({ new: 0, duplicate: Number(list?.songs) })
  for (const { id: each } of await db().import.findMany({ where: { userId } })) {
    await undoImport({ id: userId }, each)
    await runImportToEnd(userId, each)
  }
  expect(await chartOf()).toEqual([])
})
