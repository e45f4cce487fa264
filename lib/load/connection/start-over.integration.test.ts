import { afterAll, beforeAll, expect, test } from 'vitest'
import { db } from '#lib/db.ts'
import { setupScript } from '#lib/warehouse/snowflake/script.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { makeSnowflakeBed, type SnowflakeBed } from '#testing/sync/snowflake-harness.ts'
import { changeKey, orderLoad } from './change.ts'
import { connectedSnowflake, saveSnowflake } from './connect.ts'
import { snowflakeAnswer } from './status.ts'

/** What a listener changes about a connection that is there already, often while a load is under way. */

let bed: SnowflakeBed

beforeAll(async () => {
  bed = await makeSnowflakeBed()
})
afterAll(() => bed.stop())

const SAVED = 'user_saved_tracks_stream'
const SOME = ['user_top_tracks_st_stream', 'user_top_artists_st_stream', 'user_recently_played_stream', SAVED]

async function expectInStep(userId: string): Promise<void> {
  const { there, here } = await bed.bothSides(userId)
  expect(there).toEqual(here)
  expect(Object.keys(there).length).toBeGreaterThan(3)
  const { tables } = await snowflakeAnswer(userId)
  expect(tables.filter(({ state }) => state !== 'in step')).toEqual([])
}

/** Begins a load and does something while its first statement about a table takes its time. */
async function whileLoading(userId: string, connectionId: string, table: string, deed: () => Promise<unknown>) {
  bed.snowflake.order({
    at: 'statement',
    user: bed.form(userId).user,
    matching: table,
    deed: { kind: 'slow', ms: 5_000 },
    times: 1,
  })
  bed.snowflake.forget()
  const load = loadAll(connectionId)
  const isAtTable = () => bed.snowflake.statements().some(({ text }) => text.includes(table.toUpperCase()))
  await expect.poll(isAtTable, { timeout: 20_000 }).toBe(true)
  await deed()
  await load
  bed.snowflake.clearFaults()
}

test('another schema that is saved while a load is under way gets everything', async () => {
  const { userId, runId } = await bed.signIn('load-1')
  await runToEnd(bed, runId, SOME)
  await bed.runScript(userId)
  const { connectionId = '' } = await saveSnowflake(userId, bed.form(userId))
  const elsewhere = { ...bed.form(userId), schema: 'ELSEWHERE' }
  const { key } = await snowflakeAnswer(userId)
  await bed.snowflake.runScript(setupScript({ ...elsewhere, publicKey: key.publicKey }))

  await whileLoading(userId, connectionId, 'user_top_artists_st_stream', async () => {
    expect(await saveSnowflake(userId, elsewhere)).toMatchObject({ saved: true })
  })
  // What the event that Save sends asks for.
  await loadAll(connectionId)
  expect((await connectedSnowflake(userId)).copyStreams).toEqual([])
  await expectInStep(userId)
})

test('what fails with the connection as it was before it was saved says nothing about the saved one', async () => {
  const { userId, runId } = await bed.signIn('load-3')
  await runToEnd(bed, runId, SOME)
  await bed.runScript(userId)
  const { connectionId = '' } = await saveSnowflake(userId, bed.form(userId))
  const matching = 'user_top_artists_st_history'
  bed.snowflake.order({ at: 'statement', matching, deed: REFUSALS.unpaid, times: 1 })
  await whileLoading(userId, connectionId, 'user_top_artists_st_stream', async () => {
    expect(await saveSnowflake(userId, bed.form(userId))).toMatchObject({ saved: true })
  })
  await loadAll(connectionId)
  expect(await snowflakeAnswer(userId)).toMatchObject({ state: 'ready', problem: null })
  await expectInStep(userId)
})

test('a load whose canceller died before its end ends, and the next one begins', async () => {
  const { userId } = await bed.signIn('load-3')
  const connection = await connectedSnowflake(userId)
  const run = await orderLoad(connection, { byUserId: userId })
  await db().run.update({ where: { id: run.id }, data: { cancelledAt: new Date() } })
  await loadAll(connection.id)
  expect(await db().run.findUniqueOrThrow({ where: { id: run.id } })).toMatchObject({ state: 'cancelled' })
  const next = await orderLoad(connection, { byUserId: userId })
  expect(next.id).not.toBe(run.id)
  await loadAll(connection.id)
  expect((await snowflakeAnswer(userId)).loads[0]).toMatchObject({ id: next.id, state: 'nothing new' })
})

test('saving again keeps the key that waits to take over', async () => {
  const { userId } = await bed.signIn('load-3')
  await changeKey(userId, 'make')
  const { key, nextKey } = await snowflakeAnswer(userId)
  expect(nextKey).not.toBeNull()
  expect(await saveSnowflake(userId, bed.form(userId))).toMatchObject({ saved: true })
  expect(await snowflakeAnswer(userId)).toMatchObject({ key, nextKey })
})

test('everything that is asked for again while a load is under way is copied again', async () => {
  const { userId, runId } = await bed.signIn('load-2')
  await runToEnd(bed, runId, SOME)
  const connectionId = await bed.connect(userId)
  const { database } = bed.form(userId)
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { copyStreams: SOME, copy: 2 } })
  await orderLoad(await connectedSnowflake(userId), { byUserId: userId })
  await whileLoading(userId, connectionId, SAVED, async () => {
    await bed.snowflake.runScript(`DELETE FROM "${database}"."RAW"."USER_TOP_TRACKS_ST_STREAM"`)
    await orderLoad(await connectedSnowflake(userId), { byUserId: userId, everything: true })
  })
  await loadAll(connectionId)
  await expectInStep(userId)
})
