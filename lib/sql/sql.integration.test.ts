import { existsSync, readdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect } from 'vitest'
import { erase } from '#lib/accounts/erase.ts'
import type { FileFormat } from '#lib/api/lists.ts'
import { db } from '#lib/db.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { openEmbeddedCopy, snapshotFolder } from '#lib/storage/places.ts'
import { test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { clearRuns, listRuns } from './history.ts'
import { cancelTyped, runForFile, runForRows, runTyped } from './run.ts'
import { deleteQuery, findQuery, listQueries, saveQuery } from './saved-queries.ts'

const FOREVER = 'with recursive a as (select 1 as x union all select x + 1 from a) select count(*) from a'
const UNSTOPPABLE = `select length(repeat('x', 2000000000))`
const still = () => new AbortController().signal

let userId: string
let other: string

test.beforeAll(async ({ harness }) => {
  for (const name of ['load-31', 'load-32']) {
    const listener = await harness.signIn(name)
    await runToEnd(harness, listener.runId, ['user_saved_tracks_stream', 'user_recently_played_stream'])
    ;[userId, other] = [other, listener.userId].map((id) => id ?? listener.userId) as [string, string]
  }
})

const ofUser = (id: string, sql: string, params = {}) => runForRows(id, { sql, params }, still())

test('a query sees what charts see, and pages respond while another one is killed', async () => {
  const copy = await openEmbeddedCopy({ userId })
  const expected = await copy.query('select count(*) as n, max(played_at) as last from analytical.fct_plays', [])
  const killed = runTyped(userId, { sql: UNSTOPPABLE, params: {} }, still()).catch((error) => error.code)
  const [chart] = (await queryCharts(userId, ['recent-plays'])).charts
  expect(chart?.rows.length).toBeGreaterThan(0)
  const { rows } = await ofUser(other, 'select 1')
  expect(rows).toEqual([[1]])
  expect(['too-much-memory', 'too-slow']).toContain(await killed)
  const result = await ofUser(userId, 'select count(*), max(played_at) from analytical.fct_plays')
  expect(result.rows[0]).toEqual(Object.values(expected[0] ?? {}))
})

test('running and waiting queries of a listener are canceled, others go on', async () => {
  const endOf = (id: string, sql: string) =>
    ofUser(id, sql).then(
      ({ rows }) => rows[0],
      (error) => error.code,
    )
  const ends = [endOf(userId, FOREVER), endOf(userId, FOREVER)]
  const others = endOf(other, 'select count(*)::int from range(1000000)')
  await expect.poll(() => cancelTyped(userId)).toBe(2)
  expect(await Promise.all(ends)).toEqual(['query-cancelled', 'query-cancelled'])
  expect(await others).toEqual([1_000_000])
  expect(cancelTyped(userId)).toBe(0)
  expect(await endOf(userId, 'select 1')).toEqual([1])
})

test('the history has the last 50 queries and how they ended', async () => {
  await clearRuns(userId)
  await runTyped(userId, { sql: 'select $n::int as n', params: { n: '7' } }, still())
  await runTyped(userId, { sql: 'selct', params: {} }, still()).catch(() => undefined)
  const canceled = AbortSignal.abort()
  await runTyped(userId, { sql: FOREVER, params: {} }, canceled).catch(() => undefined)
  const { runs } = await listRuns(userId)
  expect(runs).toMatchObject([
    { sql: FOREVER, outcome: 'cancelled', rows: null },
    { sql: 'selct', outcome: 'refused', message: expect.stringContaining('syntax error'), rows: null },
    { sql: 'select $n::int as n', outcome: 'done', rows: 1, truncated: false, message: null },
  ])
  const [id = ''] = runs.map((run) => run.id)
  await db().queryRun.createMany({
    data: Array.from({ length: 60 }, (_, at) => ({
      id: `${id}-${String(at).padStart(2, '0')}`,
      userId,
      sql: `select ${at}`,
      startedAt: new Date(),
      ms: 1,
      outcome: 'done',
    })),
  })
  await runTyped(userId, { sql: 'select 2', params: {} }, still())
  expect(await db().queryRun.count({ where: { userId } })).toBe(50)
  expect((await listRuns(userId)).runs[0]?.sql).toBe('select 2')
  expect(await clearRuns(userId)).toEqual({ runs: [] })
})

test('saved queries belong to their listener, keep their names apart, and know their parameters', async () => {
  const form = { name: 'plays_über', description: 'Since a day', sql: 'select $day, $Limit' }
  const saved = await saveQuery(userId, form)
  expect(saved).toMatchObject({ ...form, parameters: ['day', 'Limit'], lastRunAt: null })
  await expect(saveQuery(userId, form)).rejects.toMatchObject({ status: 409, code: 'name-taken' })
  const both = await Promise.allSettled([1, 2].map((at) => saveQuery(other, { ...form, description: `${at}` })))
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  await expect(saveQuery(other, { ...form, id: saved.id, name: 'stolen' })).rejects.toMatchObject({ status: 404 })
  await expect(deleteQuery(other, saved.id)).rejects.toMatchObject({ status: 404 })
  await expect(saveQuery(userId, { ...form, name: 'f', sql: 'select $format' })).rejects.toMatchObject({ status: 400 })
  await expect(saveQuery(userId, { ...form, name: 'l', sql: '-'.repeat(65_537) })).rejects.toMatchObject({
    status: 413,
  })
  expect(await saveQuery(userId, { ...form, id: saved.id, sql: 'select 1' })).toMatchObject({ parameters: [] })
  expect((await findQuery(userId, encodeURIComponent('plays_über'))).sql).toBe('select 1')
  expect((await listQueries(userId)).queries).toMatchObject([{ name: 'plays_über', lastRunAt: expect.any(String) }])
  expect((await deleteQuery(userId, saved.id)).queries).toEqual([])
  await expect(findQuery(userId, 'plays_über')).rejects.toMatchObject({ status: 404, code: 'unknown-query' })
})

const ROWS = `select i as id, i * 1000000000000000::hugeint as wide, 9007199254740993 as big, timestamp '2026-03-29 01:59:59.5' as at,
  '{"a": [1]}'::json as json, [i] as list, '=1+1' as text, null::integer as nothing from range(30000) t(i)`

test('all rows of a query as a file of every format, of which nothing is left on disk', async () => {
  const fileIn = async (format: FileFormat) => {
    const file = await runForFile(userId, { sql: ROWS, params: {} }, { name: 'My قائمة', format }, still())
    expect(file.name).toMatch(new RegExp(`^My_-\\d{4}-\\d\\d-\\d\\d[.]${format}$`))
    return buffer(file.bytes)
  }
  const json: unknown[] = JSON.parse((await fileIn('json')).toString())
  expect(json).toHaveLength(30_000)
  const first = { id: 0, wide: 0, big: '9007199254740993', json: { a: [1] }, list: [0], text: '=1+1', nothing: null }
  expect(json[0]).toEqual({ ...first, at: '2026-03-29T01:59:59.500Z' })
  const [head, line] = (await fileIn('csv')).toString().split('\r\n')
  expect(head).toBe('\uFEFFid,wide,big,at,json,list,text,nothing')
  expect(line).toBe(`0,0,9007199254740993,2026-03-29T01:59:59.500Z,"{""a"":[1]}","[0]",'=1+1,`)
  const parquet = `${snapshotFolder(userId)}/read-back.parquet`
  await writeFile(parquet, await fileIn('parquet'))
  const instance = await DuckDBInstance.create(':memory:')
  const reader = await (await instance.connect()).runAndReadAll(
    `select count(*)::int, max(id)::int, max(big)::varchar, max(wide::hugeint)::varchar, typeof(any_value("at")) from '${parquet}'`,
  )
  expect(reader.getRowsJson()).toEqual([
    [30_000, 29_999, '9007199254740993', '29999000000000000000', 'TIMESTAMP WITH TIME ZONE'],
  ])
  instance.closeSync()
  await rm(parquet)

  await expect(
    runForFile(
      userId,
      { sql: `select repeat('x', 1000) from range(1000000)`, params: {} },
      { name: 'x', format: 'csv' },
      still(),
    ),
  ).rejects.toMatchObject({ status: 422, code: 'result-too-large' })
  const download = await runForFile(userId, { sql: ROWS, params: {} }, { name: 'x', format: 'csv' }, still())
  await download.bytes.next()
  await download.bytes.return()
  expect(readdirSync(snapshotFolder(userId)).filter((name) => !name.endsWith('.duckdb'))).toEqual([])
})

test('deleting the account ends its queries and takes everything with it', async ({ harness, listener }) => {
  const { userId: id, name } = listener
  await expect(ofUser(id, 'select 1')).rejects.toMatchObject({ status: 409, code: 'nothing-loaded' })
  await runToEnd(harness, listener.runId, ['user_recently_played_stream'])
  await saveQuery(id, { name: 'any', description: '', sql: 'select 1' })
  await runTyped(id, { sql: 'select 1', params: {} }, still())
  const running = runTyped(id, { sql: FOREVER, params: {} }, still()).catch((error) => error.code)
  expect(await erase(id, name)).toMatchObject({ postgresRows: { 'saved queries': 1 } })
  expect(['query-cancelled', 'being-deleted', 'nothing-loaded']).toContain(await running)
  expect(existsSync(snapshotFolder(id))).toBe(false)
  expect(await db().queryRun.count({ where: { userId: id } })).toBe(0)
})
