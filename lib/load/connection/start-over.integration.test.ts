import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { orderLoad } from '#lib/sync/order-run.ts'
import { setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'
import { changeKey } from './change.ts'
import { requireSnowflake, saveSnowflake } from './connect.ts'
import { snowflakeStatus } from './status.ts'

/** What a listener changes about an existing connection, often during a load. */

const SAVED = 'user_saved_tracks_stream'
const SOME = ['user_top_tracks_st_stream', 'user_top_artists_st_stream', 'user_recently_played_stream', SAVED]

async function expectInStep(harness: SnowflakeHarness, userId: string): Promise<void> {
  const { there, here } = await harness.tablesOnBothSides(userId)
  expect(there).toEqual(here)
  expect(Object.keys(there).length).toBeGreaterThan(3)
  const { tables } = await snowflakeStatus(userId)
  expect(tables.filter(({ state }) => state !== 'in step')).toEqual([])
}

/** Starts a load and runs an action while its first statement about a table is slow. */
async function whileLoading(
  harness: SnowflakeHarness,
  userId: string,
  connectionId: string,
  table: string,
  action: () => Promise<unknown>,
) {
  harness.snowflake.injectFault({
    at: 'statement',
    user: harness.form(userId).user,
    matching: table,
    effect: { kind: 'slow', ms: 5_000 },
    times: 1,
  })
  harness.snowflake.clearTraffic()
  const load = loadAll(connectionId)
  const isAtTable = () => harness.snowflake.statements().some(({ text }) => text.includes(table.toUpperCase()))
  await expect.poll(isAtTable, { timeout: 20_000 }).toBe(true)
  await action()
  await load
  harness.snowflake.clearFaults()
}

test('loads everything into another schema that is saved during a load', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-1')
  await runToEnd(harness, runId, SOME)
  await harness.runScript(userId)
  const { connectionId = '' } = await saveSnowflake(userId, harness.form(userId))
  const elsewhere = { ...harness.form(userId), schema: 'ELSEWHERE' }
  const { key, instanceId } = await snowflakeStatus(userId)
  await harness.snowflake.runScript(setupScript({ ...elsewhere, instanceId, publicKey: key.publicKey }))

  await whileLoading(harness, userId, connectionId, 'user_top_artists_st_stream', async () => {
    expect(await saveSnowflake(userId, elsewhere)).toMatchObject({ saved: true })
  })
  // Saving requests this load.
  await loadAll(connectionId)
  expect((await requireSnowflake(userId)).copyStreams).toEqual([])
  await expectInStep(harness, userId)
})

test('copies nothing from a built-in warehouse that is being rebuilt', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-6')
  await runToEnd(harness, runId, SOME)
  await harness.runScript(userId)
  const { connectionId = '' } = await saveSnowflake(userId, harness.form(userId))
  const embedded = { connection: { userId, kind: 'duckdb' as const }, read: { stream: SAVED } }
  await db().loadLedger.updateMany({ where: embedded, data: { state: 'waiting' } })
  await loadAll(connectionId)
  expect(await requireSnowflake(userId)).toMatchObject({
    state: 'waiting',
    problem: 'The built-in warehouse is being rebuilt',
    copyStreams: expect.arrayContaining([SAVED]),
  })
  await db().loadLedger.updateMany({ where: embedded, data: { state: 'loaded' } })
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: null } })
  await loadAll(connectionId)
  await expectInStep(harness, userId)
})

test('ignores a failure of the old connection after a new one was saved', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-3')
  await runToEnd(harness, runId, SOME)
  await harness.runScript(userId)
  const { connectionId = '' } = await saveSnowflake(userId, harness.form(userId))
  const matching = 'user_top_artists_st_history'
  harness.snowflake.injectFault({ at: 'statement', matching, effect: REFUSALS.unpaid, times: 1 })
  await whileLoading(harness, userId, connectionId, 'user_top_artists_st_stream', async () => {
    expect(await saveSnowflake(userId, harness.form(userId))).toMatchObject({ saved: true })
  })
  await loadAll(connectionId)
  expect(await snowflakeStatus(userId)).toMatchObject({ state: 'ready', problem: null })
  await expectInStep(harness, userId)
})

test('ends a load whose cancellation crashed halfway, and starts the next one', async ({ harness }) => {
  const { userId } = await harness.signIn('load-3')
  const connection = await requireSnowflake(userId)
  const run = await orderLoad(connection, { byUserId: userId })
  await db().run.update({ where: { id: run.id }, data: { cancelledAt: new Date() } })
  await loadAll(connection.id)
  expect(await db().run.findUniqueOrThrow({ where: { id: run.id } })).toMatchObject({ state: 'cancelled' })
  const next = await orderLoad(connection, { byUserId: userId })
  expect(next.id).not.toBe(run.id)
  await loadAll(connection.id)
  expect((await snowflakeStatus(userId)).loads[0]).toMatchObject({ id: next.id, state: 'nothing new' })
})

test('keeps the next key when the connection is saved again', async ({ harness }) => {
  const { userId } = await harness.signIn('load-3')
  await changeKey(userId, 'make')
  const { key, nextKey } = await snowflakeStatus(userId)
  expect(nextKey).not.toBeNull()
  expect(await saveSnowflake(userId, harness.form(userId))).toMatchObject({ saved: true })
  expect(await snowflakeStatus(userId)).toMatchObject({ key, nextKey })
})

test('copies everything again when that is requested during a load', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-2')
  await runToEnd(harness, runId, SOME)
  const connectionId = await harness.connect(userId)
  const { database } = harness.form(userId)
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { copyStreams: SOME, copy: 2 } })
  await orderLoad(await requireSnowflake(userId), { byUserId: userId })
  await whileLoading(harness, userId, connectionId, SAVED, async () => {
    await harness.snowflake.runScript(`DELETE FROM "${database}"."RAW"."USER_TOP_TRACKS_ST_STREAM"`)
    await orderLoad(await requireSnowflake(userId), { byUserId: userId, everything: true })
  })
  await loadAll(connectionId)
  await expectInStep(harness, userId)
})
