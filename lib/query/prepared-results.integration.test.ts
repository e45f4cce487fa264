import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import { type Chart, isOpen } from '#lib/charts/chart.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { charts } from '#lib/charts/index.ts'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { undoImport } from '#lib/imports/imports.ts'
import { requireSnowflake } from '#lib/load/connection/connect.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'
import { runForRows } from '#lib/sql/run.ts'
import { externalDue } from '#lib/storage/destinations.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { orderLoad } from '#lib/sync/order-run.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'
import { listChecks } from './checks.ts'
import { firstDayFor } from './listener-data.ts'
import { queryChart } from './query-chart.ts'
import { downloadEverything, downloadTable, listTables } from './tables.ts'

/** An instance without a shared disk, where pages are served from each listener's Snowflake. */

let userId: string
let connectionId: string

test.override('options', [{ SERVE_FROM: 'connected' }])

test.beforeAll(async ({ harness }) => {
  const { userId: id, runId } = await harness.signIn('load-11')
  userId = id
  const run = await runToEnd(harness, runId)
  expect(run.endedAt).not.toBeNull()
})

async function loadNow(harness: SnowflakeHarness): Promise<void> {
  await orderLoad(await requireSnowflake(userId), { byUserId: userId })
  await harness.load(connectionId)
}

test('ends runs, lets their reads wait and shows empty charts without a Snowflake', async () => {
  expect(await db().streamRead.count({ where: { userId, state: 'complete' } })).toBeGreaterThan(5)
  expect(existsSync(duckdbFile(userId))).toBe(false)
  expect(await queryChart(userId, 'top-tracks', {})).toMatchObject({ rows: [], warehouse: 'snowflake' })
})

test('loads everything ever read on connecting, and prepares every query of every chart with finite parameters', async ({
  harness,
}) => {
  connectionId = await harness.connect(userId)
  expect(await db().loadLedger.count({ where: { connectionId, state: { not: 'loaded' } } })).toBe(0)
  harness.snowflake.clearTraffic()
  for (const [name, chart] of Object.entries<Chart>(charts)) {
    for (const values of isOpen(chart) ? [] : everyParams(chart.params)) {
      const result = await queryChart(userId, name, values)
      expect(result.preparing, `${name} ${JSON.stringify(values)}`).toBeUndefined()
      expect(result.warehouse).toBe('snowflake')
    }
  }
  expect((await queryChart(userId, 'top-tracks', {})).rows).toHaveLength(50)
  expect(existsSync(duckdbFile(userId))).toBe(false)
  // No page view reached Snowflake.
  expect(harness.snowflake.statements()).toEqual([])
})

const WEEKDAYS = { period: 'all' }
const sum = (rows: Record<string, unknown>[]) => rows.reduce((total, { plays }) => total + Number(plays), 0)

test('queries a chart of any period on demand, once', async ({ harness }) => {
  expect(await queryChart(userId, 'weekdays', WEEKDAYS)).toMatchObject({ preparing: true, rows: [] })
  expect(await externalDue(userId)).toEqual([connectionId])
  await harness.load(connectionId)
  harness.snowflake.clearTraffic()
  const { rows, preparing, params, warehouse } = await queryChart(userId, 'weekdays', WEEKDAYS)
  expect({ preparing, warehouse, period: params.period }).toEqual({
    preparing: undefined,
    warehouse: 'snowflake',
    period: 'all',
  })
  expect(sum(rows)).toBeGreaterThan(0)
  const [{ plays } = { plays: 0 }] = await harness.rows(userId, 'plays', 'count(*) as plays')
  expect(sum(rows)).toBe(plays)
  expect(await firstDayFor(userId)).toMatch(/^\d{4}-\d\d-\d\d$/)
  expect(await externalDue(userId)).toEqual([])
})

test('pages of a list and what a search finds are queried too', async ({ harness }) => {
  await queryChart(userId, 'liked-songs', { limit: '5' })
  await harness.load(connectionId)
  const first = await queryChart(userId, 'liked-songs', { limit: '5' })
  expect(first.rows).toHaveLength(5)
  const more = { limit: '5', cursor: first.next ?? '' }
  expect(await queryChart(userId, 'liked-songs', more)).toMatchObject({ preparing: true })
  await harness.load(connectionId)
  const second = await queryChart(userId, 'liked-songs', more)
  expect(second).toMatchObject({ offset: 5 })
  expect(second.rows[0]).not.toEqual(first.rows[0])
})

test('shows the same results until the next load', async ({ harness }) => {
  const before = await queryChart(userId, 'top-tracks', {})
  await harness.setTime(new Date(harness.now().getTime() + 72 * HOUR))
  const run = await runNow(harness, userId)
  expect(run.endedAt).not.toBeNull()
  expect(await queryChart(userId, 'top-tracks', {})).toEqual(before)
  await loadNow(harness)
  const after = await queryChart(userId, 'top-tracks', {})
  expect(after.asOf).not.toBe(before.asOf)
  expect(after.rows).not.toEqual(before.rows)
})

test('after a load, what pages showed is there again, and other results are gone', async ({ harness }) => {
  harness.snowflake.clearTraffic()
  const { asOf, preparing } = await queryChart(userId, 'weekdays', WEEKDAYS)
  expect(preparing).toBeUndefined()
  expect(asOf).toBe((await queryChart(userId, 'top-tracks', {})).asOf)
  expect(harness.snowflake.statements()).toEqual([])
  const stored = await db().preparedResult.findMany({ where: { userId }, select: { query: true } })
  expect(stored.filter(({ query }) => JSON.stringify(query).includes('cursor'))).toEqual([])
})

test('pages start the warehouse a limited number of times a day', async ({ harness }) => {
  const wasQueried = (pageQueriedAt: Date) =>
    db().warehouseConnection.update({ where: { id: connectionId }, data: { pageStarts: 10, pageQueriedAt } })
  await wasQueried(new Date(Date.now() - 5 * MINUTE))
  await expect(queryChart(userId, 'weekdays', { period: '7d' })).rejects.toMatchObject({
    status: 429,
    message: 'Pages have started your Snowflake as often as they may today',
  })
  expect(await externalDue(userId)).toEqual([])
  harness.snowflake.clearTraffic()
  await harness.load(connectionId)
  expect(harness.snowflake.statements()).toEqual([])
  // It still runs, so a query starts nothing.
  await wasQueried(new Date())
  expect(await externalDue(userId)).toEqual([connectionId])
  await harness.load(connectionId)
  expect((await queryChart(userId, 'weekdays', { period: '7d' })).preparing).toBeUndefined()
})

test('prepares a missing result in a session that loads nothing', async ({ harness }) => {
  await db().user.update({ where: { id: userId }, data: { zone: 'Asia/Kathmandu' } })
  expect(await queryChart(userId, 'top-tracks', {})).toMatchObject({ preparing: true, rows: [] })
  expect(await externalDue(userId)).toEqual([connectionId])
  const loads = await db().warehouseLoad.count()
  await harness.load(connectionId)
  expect((await queryChart(userId, 'top-tracks', {})).rows).toHaveLength(50)
  expect(await externalDue(userId)).toEqual([])
  expect(await db().warehouseLoad.count()).toBe(loads)
})

test('deletes results of the previous time zone', async () => {
  const stored = await db().preparedResult.findMany({ where: { userId }, select: { query: true } })
  expect(stored.every(({ query }) => JSON.stringify(query).includes('Asia/Kathmandu'))).toBe(true)
})

test('does not contact an unavailable Snowflake for a page that waits for a result', async ({ harness }) => {
  await db().user.update({ where: { id: userId }, data: { zone: 'Asia/Tokyo' } })
  harness.snowflake.injectFault({ at: 'sign-in', user: harness.form(userId).user, effect: REFUSALS.locked })
  expect(await queryChart(userId, 'top-tracks', {})).toMatchObject({ preparing: true })
  expect(await externalDue(userId)).toEqual([connectionId])
  await harness.load(connectionId)
  expect(await requireSnowflake(userId)).toMatchObject({ state: 'waiting' })

  harness.snowflake.clearTraffic()
  expect(await queryChart(userId, 'top-tracks', {})).toMatchObject({ preparing: true })
  expect(await externalDue(userId)).toEqual([])
  await harness.load(connectionId)
  expect(harness.snowflake.traffic().requests['sign-in'] ?? 0).toBe(0)

  harness.snowflake.clearFaults()
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: new Date() } })
  expect(await externalDue(userId)).toEqual([connectionId])
  await harness.load(connectionId)
  expect((await queryChart(userId, 'top-tracks', {})).rows).toHaveLength(50)
})

test('compares nothing, cannot load everything again and offers one load method without an embedded copy', async () => {
  const { tables, methods } = await snowflakeStatus(userId)
  expect(new Set(tables.map(({ state }) => state))).toEqual(new Set(['loaded']))
  expect(methods.every(({ choices }) => choices.length === 1)).toBe(true)
  const again = orderLoad(await requireSnowflake(userId), { byUserId: userId, everything: true })
  await expect(again).rejects.toMatchObject({ status: 409, code: 'no-copy' })
})

test('an import from before cannot be undone without an embedded copy, which pairs plays', async () => {
  const id = `before-${userId}`
  await db().import.create({ data: { id, userId, state: 'done', endedAt: new Date(), bytes: 1, total: 1 } })
  const refused = { status: 409, code: 'no-copy', remedy: expect.stringContaining('SERVE_FROM') }
  await expect(undoImport({ id: userId }, id)).rejects.toMatchObject(refused)
  expect(await db().import.findUnique({ where: { id } })).toMatchObject({ state: 'done', undoneAt: null })
})

test('tables cannot be downloaded or queried without an embedded copy', async () => {
  const refused = { status: 409, code: 'no-copy', remedy: expect.stringContaining('Snowflake') }
  await expect(listTables(userId)).rejects.toMatchObject(refused)
  await expect(listChecks(userId, { builds: 1 })).rejects.toMatchObject(refused)
  await expect(downloadTable(userId, 'user_top_tracks_st_stream.csv')).rejects.toMatchObject(refused)
  await expect(downloadEverything(userId, 'csv')).rejects.toMatchObject(refused)
  await expect(runForRows(userId, { sql: 'select 1', params: {} }, AbortSignal.abort())).rejects.toMatchObject(refused)
  expect(existsSync(duckdbFile(userId))).toBe(false)
})
