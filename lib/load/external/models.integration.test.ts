import { expect } from 'vitest'
import { exclude } from '#lib/accounts/exclusions.ts'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { changeSnowflake } from '#lib/load/connection/change.ts'
import { requireSnowflake } from '#lib/load/connection/connect.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'
import { externalDue } from '#lib/storage/destinations.ts'
import { openEmbeddedCopy } from '#lib/storage/places.ts'
import { orderLoad } from '#lib/sync/order-run.ts'
import { loadAll, runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'
import { withSession } from './session.ts'

const SOME = ['user_recently_played_stream', 'user_top_tracks_st_stream']

async function listener(harness: SnowflakeHarness, name: string, { connect = true } = {}) {
  const { userId, runId } = await harness.signIn(name)
  await runToEnd(harness, runId, SOME)
  return { userId, connectionId: connect ? await harness.connect(userId) : '' }
}

async function loadNow(harness: SnowflakeHarness, userId: string): Promise<void> {
  const connection = await requireSnowflake(userId)
  await orderLoad(connection, { byUserId: userId })
  await harness.load(connection.id)
}

/** Reads and loads what was played in another day. */
async function nextDay(harness: SnowflakeHarness, userId: string): Promise<void> {
  await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
  await runNow(harness, userId, SOME)
  harness.snowflake.clearTraffic()
  await loadNow(harness, userId)
}

async function daysOf(userId: string): Promise<unknown[]> {
  const connection = await requireSnowflake(userId)
  return withSession(connection, { runId: null, tag: { for: 'test' } }, (warehouse) =>
    warehouse.query(
      `select day, plays, ms_played from ${warehouse.table('analytical', 'agg_days')} where plays > 0 order by day`,
      [],
    ),
  )
}

const embeddedOf = async (userId: string) =>
  (await db().warehouseConnection.findFirstOrThrow({ where: { userId, kind: 'duckdb' } })).id

const embeddedDays = async (userId: string) =>
  (await openEmbeddedCopy({ userId })).query(
    'select day, plays, ms_played from analytical.agg_days where plays > 0 order by day',
    [],
  )

const modelsOf = async (userId: string) => (await snowflakeStatus(userId)).models
const builds = (harness: SnowflakeHarness) =>
  harness.snowflake.statements().filter(({ text }) => /^INSERT OVERWRITE INTO [^(]*"FCT_PLAYS"/.test(text))

test('a load builds the models, and again only when something has changed', async ({ harness }) => {
  const { userId, connectionId } = await listener(harness, 'load-41')
  expect(await modelsOf(userId)).toMatchObject({ state: 'built', problem: null })
  expect(await daysOf(userId)).toEqual(await embeddedDays(userId))
  harness.snowflake.clearTraffic()
  await loadNow(harness, userId)
  expect(builds(harness)).toHaveLength(0)
  await nextDay(harness, userId)
  expect(builds(harness)).toHaveLength(1)
  const { statements } = (await snowflakeStatus(userId)).loads[0] ?? {}
  // docs/snowflake.md says how many a day cost less than a credit a month.
  expect(statements).toBeLessThan(116)
  expect(await daysOf(userId)).toEqual(await embeddedDays(userId))
  expect(await externalDue(userId)).toEqual([])
  expect(await db().warehouseConnection.findUnique({ where: { id: connectionId } })).toMatchObject({
    modelsState: 'fresh',
  })
})

test('without the rights for models, tables are loaded, and the script that grants them is shown', async ({
  harness,
}) => {
  const { userId } = await listener(harness, 'load-42', { connect: false })
  await harness.runScript(userId)
  const { database, role } = harness.form(userId)
  await harness.snowflake.runScript(`REVOKE CREATE VIEW ON SCHEMA "${database}"."RAW_STAGING" FROM ROLE "${role}"`)
  const { connectionId } = await harness.save(userId)
  await harness.load(connectionId)
  const models = await modelsOf(userId)
  expect(models.problem).toContain(`The role ${role} can't create tables and views in RAW_STAGING`)
  expect(await harness.rows(userId, 'plays')).not.toEqual([])
  const [load] = (await snowflakeStatus(userId)).loads
  expect(load).toMatchObject({ state: 'incomplete', problem: expect.stringContaining('Models: ') })
  // Nothing is tried again before the next load.
  expect(await externalDue(userId)).toEqual([])
  await harness.snowflake.runScript(models.remedy ?? '')
  await loadNow(harness, userId)
  expect(await modelsOf(userId)).toMatchObject({ state: 'built', problem: null })
  expect(await daysOf(userId)).toEqual(await embeddedDays(userId))
})

test('a build that fails leaves the last one, and the next load repeats it', async ({ harness }) => {
  const { userId } = await listener(harness, 'load-43')
  const before = await daysOf(userId)
  harness.snowflake.injectFault({
    at: 'statement',
    matching: 'INTO .*"RPT_YEAR_RECAP"',
    times: 1,
    effect: { kind: 'refuse', code: '000603', message: 'Internal error' },
  })
  await nextDay(harness, userId)
  expect(await daysOf(userId)).toEqual(before)
  expect(await modelsOf(userId)).toMatchObject({ state: 'failed' })
  await loadNow(harness, userId)
  expect(await daysOf(userId)).toEqual(await embeddedDays(userId))
})

test('an excluded play is left out after the next load', async ({ harness }) => {
  const { userId, connectionId } = await listener(harness, 'load-45')
  const [play] = await harness.rows(userId, 'plays')
  const before = await daysOf(userId)
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: null } })
  await exclude({ id: userId }, { playedAt: new Date(String(play?.played_at)).toISOString(), uri: String(play?.uri) })
  await loadAll(await embeddedOf(userId))
  // It is not worth starting the warehouse for.
  expect(await externalDue(userId)).toEqual([])
  await loadNow(harness, userId)
  expect(await daysOf(userId)).toEqual(await embeddedDays(userId))
  expect(await daysOf(userId)).not.toEqual(before)
})

test('plays that are appended are not counted twice: there are no models', async ({ harness }) => {
  const { userId } = await listener(harness, 'load-44')
  await changeSnowflake(userId, { methods: { user_recently_played_stream: 'append' } })
  await nextDay(harness, userId)
  expect(builds(harness)).toHaveLength(0)
  const { models, loads } = await snowflakeStatus(userId)
  expect(models.problem).toContain('"append"')
  expect(loads[0]).toMatchObject({ state: 'succeeded' })
})
