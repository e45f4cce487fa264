import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { z } from 'zod'
import * as admin from '#lib/api/admin.ts'
import * as channels from '#lib/api/channels.ts'
import * as charts from '#lib/api/charts.ts'
import * as checks from '#lib/api/checks.ts'
import * as connections from '#lib/api/connections.ts'
import * as counting from '#lib/api/counting.ts'
import * as coverage from '#lib/api/coverage.ts'
import type { BodyInputOf, Endpoint, ParamsOf, QueryInputOf, ResponseOf } from '#lib/api/endpoint.ts'
import * as exclusions from '#lib/api/exclusions.ts'
import * as genres from '#lib/api/genres.ts'
import * as imports from '#lib/api/imports.ts'
import { endpoints } from '#lib/api/index.ts'
import * as instance from '#lib/api/instance.ts'
import * as lake from '#lib/api/lake.ts'
import { FILE_FORMATS } from '#lib/api/lists.ts'
import { getMe } from '#lib/api/me.ts'
import * as music from '#lib/api/music.ts'
import * as recordings from '#lib/api/recordings.ts'
import * as runs from '#lib/api/runs.ts'
import * as sessions from '#lib/api/sessions.ts'
import * as settings from '#lib/api/settings.ts'
import * as spotifyApp from '#lib/api/spotify-app.ts'
import * as sql from '#lib/api/sql.ts'
import * as tables from '#lib/api/tables.ts'
import * as tokens from '#lib/api/tokens.ts'
import * as warehouse from '#lib/api/warehouse.ts'
import { cookieName } from '#lib/auth/cookies.ts'
import type { Chart } from '#lib/charts/chart.ts'
import { type ChartName, chartNames, charts as registry } from '#lib/charts/index.ts'
import { Refused } from '#lib/core/errors.ts'
import { sealedColumns } from '#lib/core/sealed-columns.ts'
import { db } from '#lib/db.ts'
import { sealSecret } from '#lib/lake/bucket.ts'
import { publish } from '#lib/lake/publish.ts'
import { sealCredential } from '#lib/load/connection/saved.ts'
import { sealTarget } from '#lib/notifications/target.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import { serve } from './serve.ts'

/** Calls every endpoint with real data, and checks each response against its contract. */

/** The request that is being handled, as Next.js hands it to what is called. */
const request = vi.hoisted(() => ({ cookies: new Map<string, string>(), headers: new Headers() }))
vi.mock('next/headers', () => ({
  cookies: async () => ({ get: (name: string) => ({ value: request.cookies.get(name) }) }),
  headers: async () => request.headers,
}))
// No engine runs here: what a route sends is another test's.
vi.mock('#inngest/events.ts', async (importOriginal) => {
  const names = Object.keys(await importOriginal<object>())
  return Object.fromEntries(names.map((name) => [name, async () => undefined]))
})

const allCharts: Record<ChartName, Chart> = registry

const ADMIN = 'load-1'
const LISTENER = 'load-2'

const userIds: Record<string, string> = {}
const called = new Set<Endpoint>()

test.override('options', [{ SIGN_UPS: 'invite', WEBHOOKS_TO_LOOPBACK: '1' }])

test.beforeAll(async ({ harness }) => {
  for (const name of [ADMIN, LISTENER]) {
    const { userId, runId } = await harness.signIn(name)
    userIds[name] = userId
    await db().session.create({ data: { sessionToken: name, userId, expires: new Date('2100-01-01') } })
    if (name === ADMIN) await runToEnd(harness, runId)
  }
  await db().user.update({ where: { id: userIds[ADMIN] }, data: { isAdmin: true } })
})

interface Sent<E extends Endpoint> {
  as?: string | null
  params?: ParamsOf<E>
  query?: QueryInputOf<E>
  body?: BodyInputOf<E> | FormData
}

type Route = Partial<
  Record<
    string,
    ((request: Request, context: { params: Promise<unknown> }) => Promise<Response>) & { endpoint: Endpoint }
  >
>

/** Calls an endpoint through the file that Next.js serves it from. @param as who is signed in; null is nobody */
async function responseOf<E extends Endpoint>(endpoint: E, { as = ADMIN, params, query, body }: Sent<E> = {}) {
  request.cookies = new Map(as ? [[cookieName('session-token'), as]] : [])
  const { method, path } = endpoint
  const route: Route = await import(join(import.meta.dirname, '..', path, 'route.ts'))
  const handler = route[method]
  expect(handler?.endpoint, `${path} serves ${method} by its contract`).toBe(endpoint)
  const values = Object.entries(query ?? {}).map(([name, value]) => [name, String(value)])
  const url = `http://127.0.0.1:3000${path}?${new URLSearchParams(values)}`
  const sentBody = body instanceof FormData ? body : JSON.stringify(body ?? {})
  const sent = new Request(url, { method, ...(method === 'GET' ? {} : { body: sentBody }) })
  called.add(endpoint)
  return (await handler?.(sent, { params: Promise.resolve(params ?? {}) })) ?? Response.error()
}

async function call<E extends Endpoint>(endpoint: E, sent: Sent<E> = {}) {
  const { method, path, statuses = [200] } = endpoint
  const response = await responseOf(endpoint, sent)
  const json: unknown = await response.json()
  expect(statuses, `${method} ${path}: ${JSON.stringify(json)}`).toContain(response.status)
  return endpoint.response.parse(json) as ResponseOf<E>
}

test('a listener without any data', async () => {
  const as = LISTENER
  await call(getMe, { as })
  await call(connections.getConnections, { as })
  await call(settings.getSettings, { as })
  await call(warehouse.getWarehouse, { as })
  await call(runs.getRuns, { as })
  await call(charts.getCharts, { as, query: { names: 'figures,overview-figures,top-tracks', range: 'short' } })
})

/** They have rows after an import, which has tests of its own. */
const IMPORTED_CHARTS: ChartName[] = ['global-charts', 'global-chart-lines', 'chart-editions', 'song-charts']

test('the charts', async () => {
  const { charts: several } = await call(charts.getCharts, { query: { names: 'figures,top-tracks', range: 'long' } })
  expect(several.map(({ chart }) => chart)).toEqual(['figures', 'top-tracks'])
  const [played] = (await call(charts.getChart, { params: { chart: 'history' }, query: { period: 'all' } })).rows
  const [playlist] = (await call(charts.getChart, { params: { chart: 'playlists' } })).rows
  const [ranked] = (await call(charts.getChart, { params: { chart: 'top-tracks' } })).rows
  const about = {
    track: `${ranked?.track_id}`,
    artist: `${played?.artist_id}`,
    album: `${played?.album_id}`,
    playlist: `${playlist?.playlist_id}`,
    year: `${played?.played_at}`.slice(0, 4),
  }
  // Genres come from a test of their own.
  for (const chart of chartNames.filter((name) => name !== 'top-genres')) {
    const { period, about: [subject] = [] } = allCharts[chart]
    const query = {
      ...(period ? { period: 'all' } : {}),
      ...(subject && subject in about ? { [subject]: about[subject as keyof typeof about] } : {}),
    }
    const { rows } = await call(charts.getChart, { params: { chart }, query })
    // One run has no ranks of an earlier day to compare with, but rows it has.
    if (IMPORTED_CHARTS.includes(chart)) expect(rows, chart).toEqual([])
    else expect(rows.length, chart).toBeGreaterThan(0)
  }
})

test('the tables, as files of every format', async () => {
  const { tables: all } = await call(tables.getTables)
  expect(await call(tables.getTables, { as: LISTENER })).toEqual({ tables: [], publishedAt: null })
  expect(all.length).toBeGreaterThan(10)
  for (const format of FILE_FORMATS) {
    const response = await responseOf(tables.getTable, { params: { file: `user_saved_tracks_stream.${format}` } })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, tables.MEDIA_TYPES[format]])
    expect(response.headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="user_saved_tracks_stream-[0-9-]{10}[.]${format}"$`),
    )
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(10_000)
  }
  const archive = await responseOf(tables.getExport, {})
  expect([archive.status, archive.headers.get('content-type')]).toEqual([200, 'application/zip'])
  expect((await archive.arrayBuffer()).byteLength).toBeGreaterThan(100_000)
})

test('the checks of the tables, and the builds before them', async () => {
  const { checks: all, builds, wholeAt } = await call(checks.getChecks)
  expect(all.length).toBeGreaterThan(150)
  expect(all.filter(({ state }) => state !== 'passed')).toEqual([])
  expect(wholeAt).not.toBeNull()
  // Others followed, with what was synced after it.
  const first = builds.at(-1)
  expect(first).toMatchObject({ full: 'first build', problem: null, checked: 'all', passed: all.length, failed: 0 })
  expect(first?.models.map(({ name }) => name)).toContain('fct_plays')
  const nothing = await call(checks.getChecks, { as: LISTENER })
  expect(nothing).toMatchObject({ checkedAt: null, wholeAt: null, builds: [] })
  expect(new Set(nothing.checks.map(({ state }) => state))).toEqual(new Set(['not run yet']))
})

test('which days are known', async () => {
  const { year, years, since, days, holes } = await call(coverage.getCoverage)
  expect(years).toContain(year)
  expect(since).not.toBeNull()
  expect(days.some(({ state }) => state === 'covered')).toBe(true)
  expect(days.at(-1)?.day).toBe(new Date().toISOString().slice(0, 10))
  expect(holes).toEqual([])
  expect(await call(coverage.getCoverage, { as: LISTENER })).toMatchObject({ since: null, holes: [], moreHoles: 0 })
})

test('a table that is not there is refused', async () => {
  for (const [as, file] of [
    [ADMIN, 'nothing.csv'],
    [ADMIN, 'user_saved_tracks_stream'],
    [ADMIN, 'user_saved_tracks_stream.exe'],
    [ADMIN, 'tracklake.loads.csv'],
    [ADMIN, `${'x'.repeat(10_000)}.csv`],
    [LISTENER, 'user_saved_tracks_stream.csv'],
  ] as const) {
    const response = await responseOf(tables.getTable, { as, params: { file } })
    expect(response.status, file.slice(0, 50)).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'unknown-table' } })
  }
})

test('a download counts until its last byte, for the listener and all their tokens', async () => {
  const params = { file: 'user_saved_tracks_stream.json' }
  const { token } = await call(tokens.createToken, { body: { name: 'files', scopes: ['read tables'], days: 7 } })
  const open = [await responseOf(tables.getTable, { params }), await responseOf(tables.getTable, { params })]
  expect(open.map(({ status }) => status)).toEqual([200, 200])
  request.headers = new Headers({ authorization: `Bearer ${token}` })
  const refused = await responseOf(tables.getExport, { as: null, query: {} })
  expect(await refused.json()).toMatchObject({ error: { code: 'too-many-requests' } })
  await open[0]?.body?.cancel()
  const response = await responseOf(tables.getTable, { as: null, params })
  expect(response.status).toBe(200)
  request.headers = new Headers()
  await open[1]?.arrayBuffer()
  await response.arrayBuffer()
})

test('SQL, and saved queries by their names for scripts too', async () => {
  const count = { sql: 'select count(*) as songs from raw.user_saved_tracks_stream where popularity >= $least' }
  const { columns, rows } = await call(sql.runSql, { body: { ...count, params: { least: '0' } } })
  expect([columns, rows.length]).toEqual([[{ name: 'songs', type: 'BIGINT' }], 1])
  const refused = await responseOf(sql.runSql, { body: { sql: 'drop table raw.user_saved_tracks_stream' } })
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'bad-sql' } }])
  expect((await responseOf(sql.runSql, { body: { sql: '-'.repeat(65_537) } })).status).toBe(413)
  const early = await responseOf(sql.runSql, { as: LISTENER, body: { sql: 'select 1' } })
  expect([early.status, await early.json()]).toMatchObject([409, { error: { code: 'nothing-loaded' } }])
  expect((await call(sql.getSqlHistory)).runs.map(({ outcome }) => outcome)).toEqual(['refused', 'done'])
  expect(await call(sql.clearSqlHistory)).toEqual({ runs: [] })
  expect(await call(sql.cancelSql)).toEqual({ cancelled: 0 })

  const { id } = await call(sql.saveQuery, { body: { name: 'songs', ...count } })
  const { token } = await call(tokens.createToken, {
    body: { name: 'queries', scopes: ['run saved queries'], days: 7 },
  })
  request.headers = new Headers({ authorization: `Bearer ${token}` })
  const params = { name: 'songs' }
  expect(await call(sql.runQuery, { as: null, params, query: { least: '0' } })).toMatchObject({ columns, rows })
  for (const format of FILE_FORMATS) {
    const file = await responseOf(sql.runQuery, { as: null, params, query: { least: '0', format } })
    expect([file.status, file.headers.get('content-type')]).toEqual([200, tables.MEDIA_TYPES[format]])
    expect(file.headers.get('content-disposition')).toMatch(new RegExp(`filename="songs-[0-9-]{10}[.]${format}"$`))
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(5)
  }
  expect((await responseOf(sql.runQuery, { as: null, params })).status).toBe(400)
  expect((await responseOf(sql.runQuery, { as: null, params: { name: 'none' } })).status).toBe(404)
  expect((await call(sql.getQueries, { as: null })).queries).toMatchObject([{ id, parameters: ['least'] }])
  expect((await responseOf(sql.runSql, { as: null, body: { sql: 'select 1' } })).status).toBe(403)
  request.headers = new Headers()
  expect((await call(sql.deleteQuery, { body: { id } })).queries).toEqual([])
})

test('songs, artists and albums', async () => {
  const [played] = (await call(charts.getChart, { params: { chart: 'history' }, query: { period: 'all' } })).rows
  const { name } = await call(music.getTrack, { params: { id: `${played?.track_id}` } })
  await call(music.getArtist, { params: { id: `${played?.artist_id}` } })
  await call(music.getAlbum, { params: { id: `${played?.album_id}` }, query: { period: 'year', compare: 'last-year' } })
  const { songs } = await call(music.search, { query: { q: `${name}` } })
  expect(songs.map(({ id }) => id)).toContain(played?.track_id)
})

test('excluded plays', async () => {
  const [play] = (await call(charts.getChart, { params: { chart: 'history' }, query: { period: 'all', limit: '1' } }))
    .rows
  const body = { playedAt: `${play?.played_at}`, uri: `${play?.uri}` }
  const pending = [{ ...body, excluded: true }]
  expect(await call(exclusions.excludePlay, { body })).toEqual({ excluded: 1, pending, problem: null })
  expect(await call(exclusions.getExclusions)).toEqual({ excluded: 1, pending, problem: null })
  expect(await call(exclusions.includePlay, { body })).toMatchObject({ excluded: 0, pending: [{ excluded: false }] })
  const unknown = await responseOf(exclusions.excludePlay, { body: { ...body, uri: 'spotify:track:none' } })
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'unknown-play' } }])
})

test('genres', async () => {
  const [artist] = (await call(genres.getGenres)).artists
  const artistId = `${artist?.id}`
  const own = { artistId, genres: ['indie', 'folk'] }
  expect(await call(genres.setGenres, { body: { artistId, genres: [' Indie', 'folk', 'FOLK'] } })).toEqual({
    ...own,
    source: 'own',
  })
  for (const wrong of [['a,b'], [''], ['x'.repeat(61)], Array.from({ length: 11 }, (_, at) => `genre ${at}`)])
    expect((await responseOf(genres.setGenres, { body: { artistId, genres: wrong } })).status).toBe(400)
  const file = await responseOf(genres.getGenresFile)
  expect([file.status, file.headers.get('content-type')]).toEqual([200, tables.MEDIA_TYPES.csv])
  const csv = await file.text()
  expect(csv).toContain(`${artistId},`)
  expect(await call(genres.importGenres, { body: { csv } })).toMatchObject({ saved: 0, unchanged: 1 })
  expect(await call(music.getArtist, { params: { id: artistId } })).toMatchObject({ genres: 'indie, folk' })
  await loadAll((await db().warehouseConnection.findFirstOrThrow({ where: { userId: userIds[ADMIN] ?? '' } })).id)
  const { rows } = await call(charts.getChart, { params: { chart: 'top-genres' }, query: { period: 'all' } })
  expect(rows.map(({ genre }) => genre)).toEqual(['folk', 'indie'])
})

test('what counts', async () => {
  const before = await call(counting.getCounting)
  expect(await call(counting.changeCounting, { body: { rule: 'half' } })).toEqual({
    ...before,
    rule: 'half',
    isRebuilding: true,
  })
  expect(await call(counting.changeCounting, { body: { rule: '30s' } })).toEqual(before)
  const unknown = await responseOf(counting.changeCounting, { body: { rule: 'most' as 'half' } })
  expect(unknown.status).toBe(400)
})

test('songs that count as one recording', async () => {
  const { rows } = await call(charts.getChart, { params: { chart: 'top-songs' }, query: { period: 'all' } })
  const [trackId, recordingId] = rows.map(({ track_id }) => `${track_id}`)
  if (!trackId || !recordingId) throw new Error('There are too few songs')
  expect(await call(recordings.chooseRecording, { body: { trackId, recordingId } })).toEqual({
    changed: [{ trackId, before: null }],
    isRebuilding: true,
  })
  expect(await call(recordings.getRecordings)).toMatchObject({ isRebuilding: true, problem: null })
  expect(await call(recordings.forgetRecording, { body: { trackId } })).toMatchObject({
    changed: [{ trackId, before: recordingId }],
  })
  const unknown = await responseOf(recordings.chooseRecording, { body: { trackId, recordingId: 'none' } })
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'unknown-track' } }])
})

test('runs', async ({ harness }) => {
  const [stream] = await db().streamRun.findMany({ where: { stream: 'user_saved_tracks_stream' } })
  const body = { streams: [stream?.stream ?? ''], whole: true }
  const { id } = await call(runs.startRun, { body })
  await call(runs.getRun, { params: { id } })
  await call(runs.cancelRun, { params: { id } })
  const again = await call(runs.rerunRun, { params: { id } })
  expect(again.rerunOf).toBe(id)
  await runToEnd(harness, again.id)
  const { runs: all, next } = await call(runs.getRuns, { query: { limit: 2 } })
  expect(next).not.toBeNull()
  await call(runs.getRun, { params: { id: again.id } })
  const { id: streamRunId } = await db().streamRun.findFirstOrThrow({ where: { runId: again.id } })
  await db().streamRunLine.create({ data: { streamRunId, level: 'info', message: 'read' } })
  const { lines } = await call(runs.getRunProgress, { params: { id: again.id } })
  expect(lines).toHaveLength(1)
  await call(runs.getRunsProgress, { query: { ids: all.map((run) => run.id).join() } })
})

test('the listener and the settings', async () => {
  const { lastRun, dataAsOf } = await call(getMe)
  expect(lastRun && dataAsOf).not.toBeNull()
  await call(connections.getConnections)
  await call(settings.getSettings)
  await call(settings.changeSettings, { body: { zone: 'Europe/Berlin', weekStart: 7 } })
  const { schedules } = await call(settings.changeSchedule, {
    body: { group: 'library', kind: 'weekly', weekday: 1, at: '7:30', label: 'Library' },
  })
  expect(schedules).toContainEqual(expect.objectContaining({ group: 'library', kind: 'weekly', at: '7:30' }))
})

test('tokens', async () => {
  const { made } = await call(tokens.createToken, { body: { name: 'script', scopes: ['read runs'], days: 7 } })
  await call(tokens.getTokens)
  await call(tokens.revokeToken, { params: { id: made.id } })
})

test('signed-in browsers', async () => {
  const userId = userIds[ADMIN] ?? ''
  const token = '2f1c5a52-7f0e-4c39-8c8e-3f6d1f8c0001'
  const { id } = await db().session.create({ data: { sessionToken: token, userId, expires: new Date('2100-01-01') } })
  expect((await call(sessions.getSessions)).sessions).toHaveLength(2)
  expect((await call(sessions.endSession, { params: { id } })).sessions).toHaveLength(1)
})

test('limits expensive endpoints per listener and per token', async () => {
  const contract = {
    method: 'GET',
    path: '/api/planted',
    summary: '',
    access: { token: 'read runs' },
    limit: 'documents',
    response: z.strictObject({}),
  } as const satisfies Endpoint
  const { token } = await call(tokens.createToken, { body: { name: 'eager', scopes: ['read runs'], days: 7 } })
  const send = async (as: string, authorization?: string) => {
    request.cookies = new Map([[cookieName('session-token'), as]])
    request.headers = new Headers(authorization ? { authorization } : {})
    const sent = new Request('http://127.0.0.1:3000/api/planted', { headers: request.headers })
    return serve(contract, async () => ({}))(sent, { params: Promise.resolve({}) })
  }
  const responses = []
  for (let count = 0; count < 70; count++) responses.push(await send(ADMIN))
  const refused = responses.find(({ status }) => status === 429)
  expect(await refused?.json()).toMatchObject({ error: { code: 'too-many-requests' } })
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect((await send(LISTENER)).status).toBe(200)
  expect((await send(ADMIN, `Bearer ${token}`)).status).toBe(200)
  request.headers = new Headers()
})

test('notification channels', async () => {
  const { channel, signingSecret } = await call(channels.addChannel, {
    body: { kind: 'webhook', label: 'Nobody', address: 'http://127.0.0.1:9/', events: ['failed'] },
  })
  expect(signingSecret).not.toBeNull()
  const params = { id: channel.id }
  await call(channels.changeChannel, { params, body: { label: 'Nobody at all' } })
  expect(await call(channels.testChannel, { params })).toMatchObject({ arrived: false })
  await call(channels.getChannels)
  await call(channels.removeChannel, { params })
})

test('a data lake of their own', async () => {
  const userId = userIds[ADMIN] ?? ''
  expect(await call(lake.publishLake)).toMatchObject({ state: 'queued' })
  await publish(userId, 'job')
  expect((await call(lake.getLake)).files.length).toBeGreaterThan(50)
  expect((await call(connections.getConnections)).lake).toMatchObject({ state: 'idle', bucket: null })
  const archive = await responseOf(lake.getLakeFiles)
  expect((await archive.arrayBuffer()).byteLength).toBeGreaterThan(100_000)
  const nowhere = { name: 'Not a bucket', region: 'nowhere', accessKeyId: 'any', secretAccessKey: 'any' }
  expect(Object.keys((await call(lake.testLake, { body: nowhere })).fieldProblems)).toEqual(['name', 'region'])
  expect(await call(lake.getLakeCheckProgress)).toEqual({ running: false, checks: [] })
  expect(await call(lake.saveLake, { body: { daily: false, bucket: null } })).toMatchObject({ saved: true })
  expect(await call(lake.removeLake, { body: {} })).toMatchObject({ state: 'off', files: [] })
})

test('a Snowflake of their own', async ({ harness }) => {
  const userId = userIds[ADMIN] ?? ''
  const form = harness.form(userId)
  expect(await call(warehouse.getCheckProgress)).toEqual({ running: false, checks: [] })
  const wrong = await call(warehouse.testWarehouse, { body: { ...form, account: '', role: 'no role' } })
  expect(Object.keys(wrong.fieldProblems).sort()).toEqual(['account', 'role'])
  expect((await call(warehouse.testWarehouse, { body: form })).checks).not.toEqual([])
  await harness.runScript(userId)
  expect(await call(warehouse.saveWarehouse, { body: form })).toMatchObject({ saved: true })
  const connection = await db().warehouseConnection.findUniqueOrThrow({
    where: { userId_kind: { userId, kind: 'snowflake' } },
  })
  await harness.load(connection.id)
  expect(await columnsWithSecrets()).toEqual(sealedColumns.map(({ table, column }) => `${table}.${column}`).sort())
  await call(warehouse.loadNow, { body: { everything: true } })
  await harness.load(connection.id)
  await call(warehouse.changeKey, { body: { deed: 'make' } })
  const { tables, loads, nextKey } = await call(warehouse.getWarehouse)
  expect([tables.length > 0, loads.length > 0, nextKey !== null]).toEqual([true, true, true])
  await call(warehouse.changeKey, { body: { deed: 'drop' } })
  await call(warehouse.changeWarehouse, { body: { cadence: 'hourly', addRecordMetadata: true } })
  await call(getMe)
  await call(connections.getConnections)
  await call(admin.getAdminListeners)
  await call(warehouse.disconnectWarehouse)
})

/** The columns that hold sealed texts, whatever the registry says. The listener has everything that is sealed by now. */
async function columnsWithSecrets(): Promise<string[]> {
  const userId = userIds[ADMIN] ?? ''
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId, kind: 'snowflake' } })
  const secrets = sealCredential(id, { method: 'token', token: 'any' })
  await db().warehouseConnection.update({ where: { id }, data: { secrets } })
  const secret = sealSecret(userId, 'any')
  await db().lakeConnection.create({ data: { userId, secrets: secret } })
  const target = sealTarget('sealed', { address: 'https://receiver.example' })
  await db().notificationChannel.create({
    data: { id: 'sealed', userId, kind: 'webhook', label: 'any', target, events: [] },
  })
  const columns = await db().$queryRaw<{ table: string; column: string }[]>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = 'public' and data_type in ('text', 'jsonb')`
  const found: string[] = []
  for (const { table, column } of columns) {
    const [row] = await db().$queryRawUnsafe<unknown[]>(
      `select 1 from "${table}" where "${column}"::text like '%seal.test.%' limit 1`,
    )
    if (row) found.push(`${table}.${column}`)
  }
  await db().warehouseConnection.update({ where: { id }, data: { secrets: null } })
  await db().notificationChannel.delete({ where: { id: 'sealed' } })
  await db().lakeConnection.delete({ where: { userId } })
  return found.sort()
}

test('Spotify apps', async () => {
  const app = { clientId: 'no id', clientSecret: 'no secret' }
  const { checks } = await call(spotifyApp.saveOwnApp, { as: LISTENER, body: app })
  expect(checks.filter(({ ok }) => !ok).map(({ field }) => field)).toEqual(['clientId', 'clientSecret'])
  await call(spotifyApp.probeApp, { as: LISTENER, body: {} })
  await call(spotifyApp.getSetup)
  await call(spotifyApp.setUp, { body: app })
})

test('imports', async () => {
  const body = new FormData()
  body.append('files', new Blob(['[]']), 'nothing.json')
  const { id } = await call(imports.startImport, { body })
  const params = { id }
  const { imports: all } = await call(imports.getImports)
  expect(all).toMatchObject([{ id, names: ['nothing.json'], state: 'queued', question: null, removing: false }])
  await db().import.update({
    where: { id },
    data: { state: 'needs_answer', question: { kind: 'zone', file: 'a.csv' } },
  })
  expect(await call(imports.getImport, { params })).toMatchObject({ state: 'needs-answer', question: { kind: 'zone' } })
  const zoned = { kind: 'zone', zone: 'Europe/Berlin' } as const
  expect(await call(imports.replyToImport, { params, body: zoned })).toMatchObject({ state: 'queued', question: null })
  expect(await responseOf(imports.replyToImport, { params, body: zoned })).toMatchObject({ status: 409 })
  const rejected = await responseOf(imports.getRejectedRows, { params })
  expect(await rejected.text()).toMatch(/^file,row,reason,/)
  expect(await call(imports.cancelImport, { params })).toMatchObject({ removing: true })
  expect(await responseOf(imports.undoImport, { params })).toMatchObject({ status: 409 })
  await db().import.update({ where: { id }, data: { state: 'done', endedAt: new Date(), cancelledAt: null } })
  expect(await call(imports.undoImport, { params })).toMatchObject({ state: 'loading', removing: true })
  const copy = { playlist: 'none', chart: 'regional-global-weekly', day: '2026-01-01' }
  expect(await responseOf(imports.importChartPlaylist, { body: copy })).toMatchObject({ status: 404 })
  for (const endpoint of [imports.getImport, imports.getRejectedRows])
    expect(await responseOf(endpoint, { as: LISTENER, params })).toMatchObject({ status: 404 })
})

test('admins', async () => {
  await call(admin.getAdminOverview)
  await call(admin.getAdminRuns, { query: { state: 'succeeded', listener: userIds[ADMIN] ?? '' } })
  await call(admin.getAdminListeners, { query: { limit: 1 } })
  const { invite } = await call(admin.createInvite, { body: { note: 'for a friend', days: 1 } })
  await call(admin.getInvites)
  await call(admin.revokeInvite, { params: { id: invite.id } })
  const { keys } = await call(admin.getKeys)
  expect(keys).toEqual([{ key: 'test', secrets: expect.any(Number), isKnown: true }])
  expect(await call(admin.reseal)).toMatchObject({ resealed: 0, failed: 0 })
  const { accounts } = await call(admin.getQuota)
  await call(admin.forgetQuota, { body: { account: accounts[0]?.account ?? '' } })
  const params = { id: userIds[LISTENER] ?? '' }
  expect(await call(admin.changeListener, { params, body: { suspended: true } })).toEqual({
    ...params,
    suspended: true,
  })
  await call(admin.removeListener, { params, body: { confirm: LISTENER } })
})

test('the instance', async () => {
  await call(instance.getHealth, { as: null })
  const { components } = await call(instance.getOpenApi, { as: null })
  expect(components).toMatchObject({ securitySchemes: { session: { name: cookieName('session-token') } } })
})

test('disconnecting, signing out everywhere and deleting the account', async () => {
  const file = duckdbFile(userIds[ADMIN] ?? '')
  await (await openDuckdb(file)).close()
  await writeFile(file, 'damaged')
  await call(connections.rebuildWarehouse)
  await call(connections.disconnectSpotify)
  expect(await call(sessions.endSessions)).toEqual({ ended: 1 })
  const [userId = '', expires] = [userIds[ADMIN], new Date('2100-01-01')]
  await db().session.create({ data: { sessionToken: ADMIN, userId, expires } })
  await call(settings.eraseMe, { body: { confirm: ADMIN } })
})

test('no endpoint was left out', () => {
  const missing = endpoints.filter((endpoint) => !called.has(endpoint))
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([])
})

test('a response or refusal that the contract does not know fails', async () => {
  const contract = {
    method: 'GET',
    path: '/api/planted',
    summary: '',
    access: 'public',
    response: z.strictObject({ known: z.string() }),
  } as const satisfies Endpoint
  const statusOf = async (work: () => Promise<{ known: string }>) => {
    const sent = new Request('http://127.0.0.1:3000/api/planted')
    return (await serve(contract, work)(sent, { params: Promise.resolve({}) })).status
  }
  const wider = { known: 'yes', unknown: 'field' }
  expect(await statusOf(async () => ({ known: 'yes' }))).toBe(200)
  expect(await statusOf(async () => wider)).toBe(500)
  expect(await statusOf(() => Promise.reject(new Refused(404, 'unknown-run', '', '')))).toBe(500)
})
