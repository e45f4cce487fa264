import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect } from 'vitest'
import { erase } from '#lib/accounts/erase.ts'
import { HOUR, now } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { startGlueServer } from '#lib/glue/testing/server.ts'
import { openBucket } from '#lib/s3/bucket.ts'
import { startS3Server } from '#lib/s3/testing/server.ts'
import { current } from '#lib/s3/testing/store.ts'
import { lakeFolder, openEmbeddedCopy } from '#lib/storage/places.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { downloadLake, lakeStatus, publishNow, removeLake, saveLake, testLake } from './connection.ts'
import { giveUpPublication, lakesDue, publish } from './publish.ts'

/** Publications with the real warehouse, child processes, Postgres, and an S3 over HTTP that checks every request. */

const PROGRAM = join(import.meta.dirname, '../../testing/sync/publish-until-killed.ts')
const LIKED = 'user_saved_tracks_stream'
const GONE = 'user_top_tracks_st_history'
const STREAMS = [LIKED, 'user_top_tracks_st_stream', 'user_recently_played_stream']

const s3 = await startS3Server()
const glue = await startGlueServer()
afterAll(async () => {
  await Promise.all([s3.stop(), glue.stop()])
  delete process.env.AWS_ENDPOINT_URL_GLUE
})

test.override('options', [{ S3_ENDPOINT: s3.url, AWS_ENDPOINT_URL_GLUE: glue.url }])

const viewer = (userId: string) => ({ id: userId, isAdmin: false })

/** Two listeners who have synced. Each test starts without files and without a bucket. */
const listeners: Record<'one' | 'two', string> = { one: '', two: '' }
const NAMES = { one: 'load-1', two: 'load-2' }

test.beforeAll(async ({ harness }) => {
  for (const who of ['one', 'two'] as const) {
    const { userId, runId } = await harness.signIn(NAMES[who])
    await runToEnd(harness, runId, STREAMS)
    listeners[who] = userId
  }
})
test.beforeEach(async () => {
  s3.clearFaults()
  s3.latencyMs = 0
  for (const userId of Object.values(listeners)) await removeLake(viewer(userId), { objects: false })
})

async function likeOneMore(harness: Harness, who: 'one' | 'two'): Promise<void> {
  await harness.configure({ changes: [{ what: 'like', listener: NAMES[who], count: 1 }] })
  await runNow(harness, listeners[who], [LIKED])
}

let jobs = 0
async function publishAll(userId: string) {
  await publishNow(viewer(userId))
  await publish(userId, `job-${jobs++}`)
  return lakeStatus(viewer(userId))
}

function bucketForm(name: string, keys = s3.keys) {
  s3.bucket(name)
  return { name, prefix: 'music/lake', region: 'eu-central-1', ...keys, credentials: 'access key' as const }
}

async function connect(userId: string, name: string, change = {}) {
  const result = await saveLake(viewer(userId), { bucket: { ...bucketForm(name), ...change } })
  expect(result, JSON.stringify(result)).toMatchObject({ saved: true, isQueued: true })
}

async function sql(statement: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(statement)).getRowObjectsJson()
  } finally {
    connection.disconnectSync()
    instance.closeSync()
  }
}

const published = (userId: string, path: string) => join(lakeFolder(userId), path)
const readJson = (userId: string, path: string) => JSON.parse(readFileSync(published(userId, path), 'utf8'))

/** Every file of the folder is as recorded, and the bucket has the same, and nothing else. */
async function expectSame(userId: string, bucket: string) {
  const folder = readdirSync(lakeFolder(userId), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(lakeFolder(userId).length + 1))
  const { files } = await lakeStatus(viewer(userId))
  expect(files.map(({ path }) => path)).toEqual(folder.sort())
  expect(s3.contents(bucket)).toEqual(folder.map((path) => `music/lake/${path}`))
  for (const { path, inBucket, bytes } of files) {
    const content = readFileSync(published(userId, path))
    expect(inBucket, path).toBe(true)
    expect(content.length, path).toBe(bytes)
    expect(current(s3.state(bucket), `music/lake/${path}`)?.body?.equals(content), path).toBe(true)
  }
}

test('publishes what the warehouse has, then only what changed', async ({ harness }) => {
  const userId = listeners.one
  expect(await lakeStatus(viewer(userId))).toMatchObject({ state: 'off', files: [], bucket: null, last: null })
  await expect(downloadLake(userId)).rejects.toMatchObject({ code: 'not-published' })
  const first = await publishAll(userId)
  expect(first).toMatchObject({ state: 'idle', problem: null, progress: null, daily: true })
  expect(Date.parse(first.nextAt ?? '')).toBeGreaterThan(Date.now())

  const copy = await openEmbeddedCopy({ userId })
  const tables = first.files.filter(({ schema }) => schema !== null)
  expect(new Set(tables.map(({ schema }) => schema))).toEqual(new Set(['raw', 'analytical', 'reporting']))
  for (const { schema, table, path, rows } of tables) {
    const [expected] = await copy.query(`select count(*) as rows from ${schema}.${table}`, [])
    const [found] = await sql(`select count(*)::int as rows from '${published(userId, path)}'`)
    expect([found?.rows, rows], path).toEqual([expected?.rows, expected?.rows])
  }
  const header = (path: string) => readFileSync(published(userId, path), 'utf8').split('\n')[0]
  expect(header('transformed_data/album_data/data.csv')).toBe('album_id,name,release_date,total_tracks,url')
  expect(header('transformed_data/artist_data/data.csv')).toBe('artist_id,artist_name,external_url')
  expect(header('transformed_data/song_data/data.csv')).toBe(
    'song_id,song_name,duration_ms,url,popularity,song_added,album_id,artist_id',
  )
  const songs = `read_csv('${published(userId, 'transformed_data/song_data/data.csv')}')`
  const [liked] = await sql(
    `select count(song_added)::int as liked, count(*)::int - count(distinct song_id)::int as twice from ${songs}`,
  )
  expect(liked).toEqual({ liked: tables.find(({ table }) => table === LIKED)?.rows, twice: 0 })
  expect(readJson(userId, 'catalogue/tables.json').tables.length).toBe(tables.length + 3)

  const times = first.files.map(({ publishedAt }) => publishedAt)
  const second = await publishAll(userId)
  expect(second.last).toEqual({ written: 0, uploaded: 0, removed: 0 })
  expect(second.files.map(({ publishedAt }) => publishedAt)).toEqual(times)

  await likeOneMore(harness, 'one')
  const third = await publishAll(userId)
  expect(third.last?.written).toBeGreaterThan(1)
  expect(third.last?.written).toBeLessThan(tables.length)
  const { changed } = readJson(userId, 'catalogue/changes.json')
  const rows = tables.find(({ table }) => table === LIKED)?.rows ?? 0
  expect(changed).toContainEqual({
    name: LIKED,
    path: `refined/${LIKED}/data.parquet`,
    change: 'changed',
    rows: rows + 1,
    rowsBefore: rows,
    columnsAdded: [],
    columnsRemoved: [],
  })

  // A file that somebody removed or cut comes back, and a table that is gone goes.
  rmSync(published(userId, `refined/${LIKED}/data.parquet`))
  writeFileSync(published(userId, 'catalogue/athena.sql'), '')
  await copy.drop({ schema: 'raw', name: GONE })
  await db().user.update({ where: { id: userId }, data: { dataVersion: { increment: 1 } } })
  const fourth = await publishAll(userId)
  expect(fourth.last).toMatchObject({ removed: 1 })
  expect(existsSync(published(userId, `refined/${LIKED}/data.parquet`))).toBe(true)
  expect(existsSync(published(userId, `refined/${GONE}`))).toBe(false)
  expect(readFileSync(published(userId, 'catalogue/athena.sql'), 'utf8')).toContain('CREATE EXTERNAL TABLE')
  expect(readJson(userId, 'catalogue/changes.json').removed).toEqual([GONE])
})

test('the bucket has the same files, and an unchanged day takes no request that writes', async ({ harness }) => {
  const userId = listeners.one
  await connect(userId, 'own')
  await publish(userId, 'first')
  await expectSame(userId, 'own')
  const { files } = await lakeStatus(viewer(userId))
  s3.takeCounts()
  expect((await publishAll(userId)).last).toEqual({ written: 0, uploaded: 0, removed: 0 })
  expect(s3.takeCounts()).toEqual({})

  await likeOneMore(harness, 'one')
  const { last } = await publishAll(userId)
  expect(s3.takeCounts()).toEqual({ PutObject: last?.uploaded })
  expect(last?.uploaded).toBeLessThan(files.length)
  await expectSame(userId, 'own')

  // Another bucket gets everything; the first one connected again is known by its mark.
  await connect(userId, 'another')
  await publish(userId, 'second')
  await expectSame(userId, 'another')
  await connect(userId, 'own')
  await publish(userId, 'third')
  await expectSame(userId, 'own')
})

test('Glue has the tables, is called for new columns only, and keeps those of others', async ({ harness }) => {
  const userId = listeners.one
  const tables = new Map([['song_data', { Name: 'song_data' }]])
  glue.databases.set('taken', tables)
  await connect(userId, 'glue', { glueDatabase: 'taken' })
  await publish(userId, 'first')
  expect(await lakeStatus(viewer(userId))).toMatchObject({
    state: 'failed',
    problem: 'The Glue database taken already has a table song_data that Tracklake did not make',
  })
  expect(tables.get('song_data')).toEqual({ Name: 'song_data' })
  await expectSame(userId, 'glue')

  glue.fault = { operation: 'CreateTable', code: 'AccessDeniedException' }
  const denied = await testLake(viewer(userId), { ...bucketForm('glue'), glueDatabase: 'music' })
  expect(denied.checks.at(-1)).toMatchObject({
    name: 'Glue',
    state: 'failed',
    message: 'Tracklake may not write tables in AWS Glue',
    remedy: expect.stringContaining('glue:CreateTable'),
  })
  glue.fault = undefined
  await connect(userId, 'glue', { glueDatabase: 'music' })
  await publish(userId, 'second')
  const { files } = await lakeStatus(viewer(userId))
  const own = glue.databases.get('music') ?? new Map()
  expect([...own.keys()].sort()).toEqual(files.flatMap(({ table }) => table ?? []).sort())
  expect(own.get(LIKED)?.StorageDescriptor?.Location).toBe(`s3://glue/music/lake/refined/${LIKED}/`)
  expect(own.get('song_data')?.Parameters).toMatchObject({ 'skip.header.line.count': '1' })
  glue.takeCalls()
  await likeOneMore(harness, 'one')
  await publishAll(userId)
  expect(glue.takeCalls()).toEqual([])
  await removeLake(viewer(userId), { objects: true })
  expect([...own.keys()]).toEqual([])
})

test('never replaces an object of somebody else, says so once, and recovers', async ({ harness }) => {
  const userId = listeners.two
  await connect(userId, 'shared')
  await publish(userId, 'first')
  const key = `music/lake/refined/${LIKED}/data.parquet`
  const bucket = openBucket(s3.bucket('shared'))
  await bucket.put(key, Buffer.from('somebody else'))
  await likeOneMore(harness, 'two')
  for (let attempt = 0; attempt < 2; attempt++) {
    expect(await publishAll(userId)).toMatchObject({
      state: 'failed',
      problem: `${key} in your bucket was changed by somebody else`,
      remedy: expect.stringContaining('It was not replaced.'),
    })
    expect(current(s3.state('shared'), key)?.body?.toString()).toBe('somebody else')
  }
  const alerts = () => db().alert.findMany({ where: { userId, stream: 'lake' } })
  expect(await alerts()).toMatchObject([{ endedAt: null }])
  // The folder doesn't wait for the bucket.
  expect(
    await sql(`select count(*)::int as rows from '${published(userId, `refined/${LIKED}/data.parquet`)}'`),
  ).toEqual([{ rows: (await harness.tableRows(userId, LIKED)).length }])
  await bucket.deleteMany([key])
  expect(await publishAll(userId)).toMatchObject({ state: 'idle', problem: null })
  expect(await alerts()).toMatchObject([{ endedAt: expect.any(Date) }])
  await expectSame(userId, 'shared')

  // What is there before the first publication isn't replaced either, unless this listener's files are there.
  const other = listeners.one
  await connect(other, 'shared')
  await publish(other, 'first')
  expect(await lakeStatus(viewer(other))).toMatchObject({
    state: 'failed',
    problem: expect.stringContaining('that Tracklake did not write'),
  })
  await expectSame(userId, 'shared')
})

test('a bucket that is away delays only itself, and an hour of it opens an alert', async () => {
  const userId = listeners.one
  await connect(userId, 'slow')
  s3.inject({ operation: 'PutObject', fails: 'SlowDown' })
  await publish(userId, 'first')
  const failed = await lakeStatus(viewer(userId))
  expect(failed).toMatchObject({
    state: 'failed',
    problem: 'The S3 bucket slow is busy',
    publishedAt: expect.any(String),
    uploadedAt: null,
  })
  expect(Date.parse(failed.nextAt ?? '')).toBeGreaterThan(Date.now())
  expect(await lakesDue()).not.toContain(userId)
  expect(await db().alert.count({ where: { userId, stream: 'lake', endedAt: null } })).toBe(0)

  const later = new Date(now().getTime() + 3 * HOUR)
  expect(await lakesDue(later)).toContain(userId)
  expect(await lakesDue(later)).not.toContain(userId)
  await db().lakeConnection.update({
    where: { userId },
    data: { problemSince: new Date(Date.now() - 2 * HOUR), nextAt: now() },
  })
  await publish(userId, 'second')
  expect(await db().alert.count({ where: { userId, stream: 'lake', endedAt: null } })).toBe(1)
  s3.clearFaults()
  await publishAll(userId)
  expect(await db().alert.count({ where: { userId, stream: 'lake', endedAt: null } })).toBe(0)
  await expectSame(userId, 'slow')
}, 120_000)

async function publishUntilKilled(userId: string, until: string): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, userId, until], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8')
  for await (const text of child.stdout) if (String(text).includes('reached')) break
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('a process killed while it writes or uploads loses and doubles nothing', async () => {
  const userId = listeners.one
  await connect(userId, 'crash')
  s3.latencyMs = 20
  for (const until of ['writing', 'uploading']) {
    await (await openEmbeddedCopy({ userId })).close()
    await publishUntilKilled(userId, until)
    expect(await lakesDue()).not.toContain(userId)
    await db().lakeConnection.update({ where: { userId }, data: { heldUntil: new Date(Date.now() - 1), sentAt: null } })
    expect(await lakesDue()).toContain(userId)
  }
  s3.latencyMs = 0
  // The response of a write got lost, and so did the process.
  const { path } = await db().lakeFile.findFirstOrThrow({ where: { userId, etag: null, name: { not: null } } })
  const bucket = openBucket(s3.bucket('crash'))
  await bucket.put(`music/lake/${path}`, { file: published(userId, path) })
  await publish(userId, 'next')
  expect(await lakeStatus(viewer(userId))).toMatchObject({ state: 'idle', problem: null })
  await expectSame(userId, 'crash')
  const { written } = await db().lakeConnection.findUniqueOrThrow({ where: { userId } })
  expect(written).toBe(await db().lakeFile.count({ where: { userId, name: { not: null } } }))
}, 180_000)

test('two jobs at once, a lost job, and the button during a publication', async () => {
  const userId = listeners.one
  await publishNow(viewer(userId))
  const both = await Promise.all([publish(userId, 'one'), publish(userId, 'two')])
  expect(both).toEqual([{ more: false }, { more: false }])
  expect(await lakeStatus(viewer(userId))).toMatchObject({ state: 'idle', last: { removed: 0 } })
  const running = publishAll(userId)
  await db().lakeConnection.update({ where: { userId }, data: { state: 'queued' } })
  await running
  await db().lakeConnection.update({ where: { userId }, data: { state: 'publishing' } })
  await giveUpPublication(userId, 'The job failed five times')
  expect(await lakeStatus(viewer(userId))).toMatchObject({ state: 'failed', problem: 'The job failed five times' })
  expect(await publishAll(userId)).toMatchObject({ state: 'idle', problem: null })
})

test('stopping deletes the folder, and the objects only if that is wanted and possible', async () => {
  const userId = listeners.two
  await connect(userId, 'stop')
  await publish(userId, 'first')
  s3.inject({ operation: 'DeleteObjects', fails: 'AccessDenied', times: 1 })
  await expect(removeLake(viewer(userId), { objects: true })).rejects.toMatchObject({
    code: 'bucket-unavailable',
    message: 'Tracklake may not delete objects in the S3 bucket stop',
  })
  expect(existsSync(lakeFolder(userId))).toBe(true)
  s3.clearFaults()
  expect(await removeLake(viewer(userId), { objects: true })).toMatchObject({ state: 'off', files: [], bucket: null })
  expect(s3.contents('stop')).toEqual([])
  expect(existsSync(lakeFolder(userId))).toBe(false)
})

test('a check names each right that is missing, and saves nothing', async () => {
  const userId = listeners.two
  const failing = async (form: object) => {
    const { checks, saved, fieldProblems } = await testLake(viewer(userId), { ...bucketForm('checked'), ...form })
    expect(saved).toBe(false)
    const failed = checks.find(({ state }) => state === 'failed')
    return failed ? `${failed.name}: ${failed.message}. ${failed.remedy}` : JSON.stringify(fieldProblems)
  }
  const all = [
    's3:PutObject',
    's3:GetObject',
    's3:DeleteObject',
    's3:ListBucket',
    's3:GetBucketVersioning',
    's3:ListBucketVersions',
    's3:DeleteObjectVersion',
  ]
  const without = (...names: string[]) => s3.addKey({ allows: all.filter((name) => !names.includes(name)) })
  const keysOf = ({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }) => ({
    accessKeyId,
    secretAccessKey,
  })

  const good = await testLake(viewer(userId), bucketForm('checked'))
  expect(good.checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'clock ok',
    'access key ok',
    'bucket and region ok',
    'write ok',
    'no overwriting ok',
    'read ok',
    'missing objects ok',
    'list ok',
    'versions ok',
    'delete ok',
  ])
  expect(await failing(keysOf(without('s3:PutObject')))).toContain('write: Tracklake may not write objects')
  expect(await failing(keysOf(without('s3:GetObject')))).toContain('read: Tracklake may not read objects')
  expect(await failing(keysOf(without('s3:ListBucket')))).toContain('s3:ListBucket')
  expect(await failing(keysOf(without('s3:DeleteObject')))).toContain('delete: Tracklake may not delete objects')
  const unseen = await testLake(viewer(userId), {
    ...bucketForm('checked'),
    ...keysOf(without('s3:GetBucketVersioning')),
  })
  expect(unseen.checks.find(({ name }) => name === 'versions')).toMatchObject({ state: 'advice' })
  expect(await failing(keysOf(s3.addKey({ isValid: false })))).toContain(
    'access key: The access key for S3 has expired',
  )
  expect(await failing({ secretAccessKey: 'wrong' })).toContain('access key: S3 does not accept the access key')
  expect(await failing({ name: 'nobody-has-this' })).toContain(
    'bucket and region: The S3 bucket nobody-has-this does not exist',
  )
  expect(await failing({ region: 'us-east-2' })).toContain('Set the region to eu-central-1.')
  s3.inject({ fails: 'RequestTimeTooSkewed' })
  expect(await failing({})).toMatch(/clock: The clock of this server/)
  s3.clearFaults()
  // The client corrects its time by what the server responds.
  s3.skewMs = 20 * 60_000
  expect((await testLake(viewer(userId), bucketForm('checked'))).checks.every(({ state }) => state === 'ok')).toBe(true)
  s3.skewMs = 0
  expect(
    await failing({ name: 'Not_A_Bucket', region: '../x', prefix: 'a//b', accessKeyId: ' ', secretAccessKey: '' }),
  ).toBe(
    JSON.stringify({
      name: 'This must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens.',
      prefix: "This must have a prefix of at most 200 letters, digits and the characters !_.*'()=- between slashes.",
      region: 'This must be a region, for example us-east-1 or auto.',
      accessKeyId: 'This must be the id of an access key.',
      secretAccessKey: 'This must be the secret of the access key.',
    }),
  )
  expect(await failing({ credentials: 'instance role' })).toContain('role of the server for admins')
  // Nothing is left of the checks that could delete it.
  expect(s3.contents('checked').length).toBeLessThanOrEqual(1)
  expect(await db().lakeConnection.count({ where: { userId } })).toBe(0)
})

test('deleting an account deletes its folder, objects and earlier versions, and nothing else in the bucket', async ({
  harness,
}) => {
  const userId = listeners.one
  const form = bucketForm('versioned')
  s3.bucket('versioned', { versioning: 'Enabled' })
  await saveLake(viewer(userId), { bucket: form })
  await publish(userId, 'first')
  await likeOneMore(harness, 'one')
  await publishAll(userId)
  const bucket = openBucket(s3.bucket('versioned'))
  await bucket.put('music/lake/refined/notes.txt', Buffer.from('mine'))
  const { files } = await lakeStatus(viewer(userId))
  const { published: receipt } = await erase(userId, NAMES.one)
  expect(receipt).toMatchObject({ files: files.length, objects: files.length, left: 0 })
  expect(receipt.versions).toBeGreaterThan(0)
  expect([...s3.state('versioned').objects].filter(([, versions]) => versions.length > 0).map(([key]) => key)).toEqual([
    'music/lake/refined/notes.txt',
  ])
  expect(existsSync(lakeFolder(userId))).toBe(false)
  expect(await db().lakeConnection.count({ where: { userId } })).toBe(0)

  // A bucket that can't be used doesn't prevent it, nor does a publication that is running.
  const other = listeners.two
  await connect(other, 'gone')
  await publish(other, 'first')
  await publishNow(viewer(other))
  const running = publish(other, 'running')
  s3.deleteBucket('gone')
  const { left, objects } = (await erase(other, NAMES.two)).published
  await running
  expect([objects, left > 50]).toEqual([0, true])
  expect([existsSync(lakeFolder(other)), await db().lakeFile.count()]).toEqual([false, 0])
})
