import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyParams } from '#lib/charts/every-params.ts'
import { charts } from '#lib/charts/index.ts'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { orderLoad } from '#lib/load/connection/change.ts'
import { connectedSnowflake } from '#lib/load/connection/connect.ts'
import { snowflakeAnswer } from '#lib/load/connection/status.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { makeSnowflakeBed, type SnowflakeBed } from '#testing/sync/snowflake-harness.ts'
import { ask, warehousesToAsk } from './query-chart.ts'

/** An instance without a shared disk: pages are served from each listener's Snowflake. */

let bed: SnowflakeBed
let userId: string
let connectionId: string

beforeAll(async () => {
  bed = await makeSnowflakeBed({ SERVE_FROM: 'connected' })
  const { userId: id, runId } = await bed.signIn('load-11')
  userId = id
  const run = await runToEnd(bed, runId)
  expect(run.endedAt).not.toBeNull()
})
afterAll(() => bed.stop())

async function loadNow(): Promise<void> {
  await orderLoad(await connectedSnowflake(userId), { byUserId: userId })
  await bed.load(connectionId)
}

test('without a Snowflake the runs end, what they read waits, and charts are empty', async () => {
  expect(await db().streamRead.count({ where: { userId, state: 'complete' } })).toBeGreaterThan(5)
  expect(existsSync(duckdbFile(userId))).toBe(false)
  expect(await ask(userId, 'top-tracks', {})).toMatchObject({ rows: [], warehouse: 'snowflake' })
})

test('connecting loads all that was ever read, and prepares every question of every chart', async () => {
  connectionId = await bed.connect(userId)
  expect(await db().loadLedger.count({ where: { connectionId, state: { not: 'loaded' } } })).toBe(0)
  bed.snowflake.forget()
  for (const [name, { params }] of Object.entries(charts)) {
    for (const values of everyParams(params)) {
      const answer = await ask(userId, name, values)
      expect(answer.preparing, `${name} ${JSON.stringify(values)}`).toBeUndefined()
      expect(answer.warehouse).toBe('snowflake')
    }
  }
  expect((await ask(userId, 'top-tracks', {})).rows).toHaveLength(50)
  expect(existsSync(duckdbFile(userId))).toBe(false)
  // Not one page view reached Snowflake.
  expect(bed.snowflake.statements()).toEqual([])
})

test('answers are those of the loaded data, newer ones after the next load', async () => {
  const before = await ask(userId, 'top-tracks', {})
  await bed.moveTo(new Date(bed.at().getTime() + 72 * HOUR))
  const run = await runNow(bed, userId)
  expect(run.endedAt).not.toBeNull()
  expect(await ask(userId, 'top-tracks', {})).toEqual(before)
  await loadNow()
  const after = await ask(userId, 'top-tracks', {})
  expect(after.asOf).not.toBe(before.asOf)
  expect(after.rows).not.toEqual(before.rows)
})

test('a question that nobody prepared is being prepared, then answered by a session that loads nothing', async () => {
  await db().user.update({ where: { id: userId }, data: { zone: 'Asia/Kathmandu' } })
  expect(await ask(userId, 'top-tracks', {})).toMatchObject({ preparing: true, rows: [] })
  expect(await warehousesToAsk(userId)).toEqual([connectionId])
  const loads = await db().warehouseLoad.count()
  await bed.load(connectionId)
  expect((await ask(userId, 'top-tracks', {})).rows).toHaveLength(50)
  expect(await warehousesToAsk(userId)).toEqual([])
  expect(await db().warehouseLoad.count()).toBe(loads)
})

test('questions of the zone that the listener left are forgotten', async () => {
  const kept = await db().preparedAnswer.findMany({ where: { userId }, select: { asked: true } })
  expect(kept.every(({ asked }) => JSON.stringify(asked).includes('Asia/Kathmandu'))).toBe(true)
})

test('a page that waits for an answer does not knock at a Snowflake that is away', async () => {
  await db().user.update({ where: { id: userId }, data: { zone: 'Asia/Tokyo' } })
  bed.snowflake.order({ at: 'sign-in', user: bed.form(userId).user, deed: REFUSALS.locked })
  expect(await ask(userId, 'top-tracks', {})).toMatchObject({ preparing: true })
  expect(await warehousesToAsk(userId)).toEqual([connectionId])
  await bed.load(connectionId)
  expect(await connectedSnowflake(userId)).toMatchObject({ state: 'waiting' })

  bed.snowflake.forget()
  expect(await ask(userId, 'top-tracks', {})).toMatchObject({ preparing: true })
  expect(await warehousesToAsk(userId)).toEqual([])
  await bed.load(connectionId)
  expect(bed.snowflake.seen().requests['sign-in'] ?? 0).toBe(0)

  bed.snowflake.clearFaults()
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: new Date() } })
  expect(await warehousesToAsk(userId)).toEqual([connectionId])
  await bed.load(connectionId)
  expect((await ask(userId, 'top-tracks', {})).rows).toHaveLength(50)
})

test('there is no copy to compare with or to load everything from, and no method but the one that charts want', async () => {
  const { tables, methods } = await snowflakeAnswer(userId)
  expect(new Set(tables.map(({ state }) => state))).toEqual(new Set(['loaded']))
  expect(methods.every(({ choices }) => choices.length === 1)).toBe(true)
  const again = orderLoad(await connectedSnowflake(userId), { byUserId: userId, everything: true })
  await expect(again).rejects.toMatchObject({ status: 409, code: 'no-copy' })
})
