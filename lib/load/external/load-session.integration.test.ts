import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { changeSnowflake, disconnectSnowflake } from '#lib/load/connection/change.ts'
import { requireSnowflake, saveSnowflake } from '#lib/load/connection/connect.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'
import { acquireLease } from '#lib/load/lease.ts'
import { WIDE_PLAYS } from '#lib/load/upgrade.ts'
import { externalDue } from '#lib/storage/destinations.ts'
import { orderLoad } from '#lib/sync/order-run.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { loadAll, runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'
import { loadExternal } from './load-session.ts'
import { withSession } from './session.ts'

const LOADER = join(import.meta.dirname, '../../../testing/sync/external-load-until-killed.ts')
const SAVED = 'user_saved_tracks_stream'
const PLAYS = 'user_recently_played_stream'

const TOP = ['user_top_tracks_st_stream', 'user_top_artists_st_stream']
/** Enough for most tests. */
const SOME = [...TOP, PLAYS, 'user_playlists_stream', SAVED]

async function listener(harness: SnowflakeHarness, name: string, only?: string[]) {
  const { userId, runId } = await harness.signIn(name)
  await runToEnd(harness, runId, only)
  return { userId, connectionId: await harness.connect(userId) }
}

async function loadNow(harness: SnowflakeHarness, userId: string, everything = false): Promise<void> {
  const connection = await requireSnowflake(userId)
  await orderLoad(connection, { byUserId: userId, everything })
  await harness.load(connection.id)
}

async function expectInStep(harness: SnowflakeHarness, userId: string): Promise<void> {
  const { there, here } = await harness.tablesOnBothSides(userId)
  expect(Object.keys(there)).toEqual(Object.keys(here))
  expect(there).toEqual(here)
  const { tables } = await snowflakeStatus(userId)
  expect(tables.filter(({ state }) => state !== 'in step')).toEqual([])
  expect(tables.length).toBeGreaterThan(3)
}

const lastLoad = async (userId: string) => (await snowflakeStatus(userId)).loads[0]

describe('a listener who connects after the first run', () => {
  let userId: string
  let connectionId: string

  test.beforeAll(async ({ harness }) => {
    ;({ userId, connectionId } = await listener(harness, 'load-1'))
  })

  test('finds everything from the embedded copy, row by row', async ({ harness }) => {
    await expectInStep(harness, userId)
    expect(await lastLoad(userId)).toMatchObject({ state: 'succeeded', problem: null })
    expect(await snowflakeStatus(userId)).toMatchObject({ state: 'ready', waitingReads: 0, problem: null })
  })

  test('is not loaded again before the cadence is due, and then in one session', async ({ harness }) => {
    await harness.setTime(new Date(harness.now().getTime() + 26 * HOUR))
    await runNow(harness, userId)
    const { waitingReads, tables, nextLoadAt } = await snowflakeStatus(userId)
    expect(waitingReads).toBeGreaterThan(0)
    expect(tables.find(({ table }) => table === 'USER_TOP_TRACKS_ST_STREAM')).toMatchObject({ state: 'behind' })
    expect(Date.parse(nextLoadAt ?? '')).toBeGreaterThan(Date.now())
    expect(await externalDue(userId)).toEqual([])

    harness.snowflake.clearTraffic()
    await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: new Date() } })
    expect(await externalDue(userId)).toEqual([connectionId])
    await harness.load(connectionId)
    expect(harness.snowflake.traffic().sessions.opened).toBe(1)
    await expectInStep(harness, userId)
  })

  test('needs no DDL and no lookups while the columns stay the same', async ({ harness }) => {
    await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
    await runNow(harness, userId)
    harness.snowflake.clearTraffic()
    await loadNow(harness, userId)
    const texts = harness.snowflake.statements().map(({ text }) => text)
    expect(texts.filter((text) => /^\s*(create table|alter table|drop|show)/i.test(text))).toEqual([])
    expect(texts.length).toBeGreaterThan(5)
  })

  test('loads nothing twice when a call is repeated while the first one is still running', async ({ harness }) => {
    await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
    await runNow(harness, userId, TOP)
    await orderLoad(await requireSnowflake(userId), { byUserId: userId, everything: false })
    harness.snowflake.clearTraffic()
    await Promise.all([loadAll(connectionId, 'the job'), loadAll(connectionId, 'the job')])
    expect(harness.snowflake.traffic().sessions.opened).toBe(1)
    await expectInStep(harness, userId)
  })

  test('stops a session whose lease was acquired by another process', async ({ harness }) => {
    await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
    await runNow(harness, userId, TOP)
    await orderLoad(await requireSnowflake(userId), { byUserId: userId, everything: false })
    const first = await acquireLease(connectionId, 'the job')
    if (!first) throw new Error('no lease')
    await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadingUntil: new Date(0) } })
    harness.snowflake.clearTraffic()
    expect(await loadExternal(first, 'the job')).toEqual({ more: true })
    expect((await snowflakeStatus(userId)).waitingReads).toBeGreaterThan(0)
    await harness.load(connectionId)
    await expectInStep(harness, userId)
  })

  test('has a run log with every run and its streams', async ({ harness }) => {
    const runs = await db().run.findMany({ where: { userId, endedAt: { not: null } } })
    const logged = await harness.rows(userId, 'tracklake_runs', 'run_id, kind, state')
    expect(logged.map(({ run_id }) => run_id).sort()).toEqual(runs.map(({ id }) => id).sort())
    expect(new Set(logged.map(({ kind }) => kind))).toEqual(new Set(['extract', 'load']))
    const streamRuns = await harness.rows(userId, 'tracklake_stream_runs', 'run_id, stream, rows_new')
    expect(streamRuns.length).toBe(await db().streamRun.count({ where: { run: { userId, endedAt: { not: null } } } }))
  })

  test('tags every statement with the run', async ({ harness }) => {
    const load = await lastLoad(userId)
    const tags = harness.snowflake.statements().map(({ tag }) => JSON.parse(tag) as Record<string, string>)
    expect(tags.filter(({ run }) => run === load?.id).length).toBeGreaterThan(5)
    expect(tags.every(({ app }) => app === 'tracklake')).toBe(true)
  })

  test('says when a load finds nothing new', async ({ harness }) => {
    await loadNow(harness, userId)
    expect(await lastLoad(userId)).toMatchObject({ state: 'nothing new', new: 0, changed: 0, removed: 0 })
  })

  test('reports a table that was changed in Snowflake, and repairs it by loading everything again', async ({
    harness,
  }) => {
    const { database } = harness.form(userId)
    await harness.snowflake.runScript(`DELETE FROM "${database}"."RAW"."${SAVED.toUpperCase()}"`)
    await loadNow(harness, userId)
    const differs = (await snowflakeStatus(userId)).tables.filter(({ state }) => state === 'differs')
    expect(differs.map(({ table }) => table)).toEqual([SAVED.toUpperCase()])
    await loadNow(harness, userId, true)
    await expectInStep(harness, userId)
  })

  test('shows the cost of the last thirty days only', async () => {
    const { days } = await snowflakeStatus(userId)
    const { id } = await db().run.findFirstOrThrow({ where: { load: { connectionId } }, orderBy: { id: 'asc' } })
    const loads = days.reduce((sum, day) => sum + day.loads, 0)
    const longAgo = new Date(Date.now() - 31 * 24 * HOUR)
    await db().run.update({ where: { id }, data: { startedAt: longAgo } })
    const later = await snowflakeStatus(userId)
    expect(later.days.reduce((sum, day) => sum + day.loads, 0)).toBe(loads - 1)
  })

  test('deletes the connection but leaves the data in Snowflake on disconnect, and the next run works', async ({
    harness,
  }) => {
    const before = harness.snowflake.account
    await disconnectSnowflake(userId)
    expect(await snowflakeStatus(userId)).toMatchObject({ connected: false, loads: [], tables: [] })
    expect(await db().snowflakeKey.count({ where: { userId, usedAt: { not: null } } })).toBe(0)
    await harness.setTime(new Date(harness.now().getTime() + 26 * HOUR))
    expect(['succeeded', 'incomplete']).toContain((await runNow(harness, userId)).state)
    expect(before.databases.has(harness.form(userId).database)).toBe(true)
  })
})

describe('a warehouse that is down', () => {
  test('delays loads for several runs, reports it once, and then loads everything, nothing twice', async ({
    harness,
  }) => {
    const { userId } = await listener(harness, 'load-2', SOME)
    harness.snowflake.injectFault({
      at: 'sign-in',
      user: harness.form(userId).user,
      effect: { kind: 'status', status: 503 },
    })
    for (let day = 0; day < 2; day++) {
      await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
      expect(['succeeded', 'incomplete']).toContain((await runNow(harness, userId, SOME)).state)
      await loadNow(harness, userId)
      expect(await snowflakeStatus(userId)).toMatchObject({ state: 'waiting', problem: expect.any(String) })
      expect(await lastLoad(userId)).toMatchObject({ state: 'waiting', remedy: expect.any(String) })
    }
    const unavailable = { action: 'an external warehouse became unavailable', subject: userId }
    expect(await db().auditEvent.count({ where: unavailable })).toBe(1)
    const { waitingReads, loads } = await snowflakeStatus(userId)
    expect(waitingReads).toBeGreaterThan(4)
    expect(loads.filter(({ state }) => state === 'waiting')).toHaveLength(1)

    harness.snowflake.clearFaults()
    await loadNow(harness, userId)
    await expectInStep(harness, userId)
    expect(await snowflakeStatus(userId)).toMatchObject({ state: 'ready', problem: null, waitingReads: 0 })
    const available = { action: 'an external warehouse works again', subject: userId }
    expect(await db().auditEvent.count({ where: available })).toBe(1)
  })

  test('loses and duplicates nothing when it fails in the middle of a load', async ({ harness }) => {
    const { userId } = await listener(harness, 'load-3', SOME)
    for (const when of ['before', 'after'] as const) {
      for (const nth of [3, 6]) {
        await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
        await runNow(harness, userId, SOME)
        harness.snowflake.injectFault({
          at: 'statement',
          user: harness.form(userId).user,
          effect: { kind: 'cut', when },
          nth,
          times: 1,
        })
        await loadNow(harness, userId)
        harness.snowflake.clearFaults()
        await loadNow(harness, userId)
        await expectInStep(harness, userId)
      }
    }
  })
})

test('loses and duplicates nothing when a process is killed in the middle of a load', async ({ harness }) => {
  const { userId, connectionId } = await listener(harness, 'load-9', SOME)
  for (const nth of [2, 7]) {
    await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
    await runNow(harness, userId, SOME)
    await orderLoad(await requireSnowflake(userId), { byUserId: userId })
    harness.snowflake.injectFault({ at: 'statement', user: harness.form(userId).user, effect: { kind: 'never' }, nth })
    harness.snowflake.clearTraffic()
    const loader = spawn(process.execPath, [LOADER, connectionId, `job-${nth}`], { stdio: 'ignore' })
    const died = once(loader, 'exit')
    await expect.poll(() => harness.snowflake.statements().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(nth)
    loader.kill('SIGKILL')
    await died
    harness.snowflake.clearFaults()
    // The engine repeats a job under the same name.
    await loadAll(connectionId, `job-${nth}`)
    await expectInStep(harness, userId)
  }
})

describe('a refused sign-in', () => {
  test('is not retried before the listener acts', async ({ harness }) => {
    const { userId } = await listener(harness, 'load-4', SOME)
    await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
    await runNow(harness, userId, SOME)
    harness.snowflake.injectFault({ at: 'sign-in', user: harness.form(userId).user, effect: REFUSALS.disabled })
    await loadNow(harness, userId)
    expect(await snowflakeStatus(userId)).toMatchObject({
      state: 'needs you',
      problem: 'The user is disabled',
      remedy: expect.stringContaining('DISABLED = FALSE'),
      nextLoadAt: null,
    })
    expect(await lastLoad(userId)).toMatchObject({ state: 'waiting', problem: 'The user is disabled' })

    harness.snowflake.clearTraffic()
    expect(await externalDue(userId)).toEqual([])
    await harness.load((await requireSnowflake(userId)).id)
    expect(harness.snowflake.traffic().requests['sign-in'] ?? 0).toBe(0)

    harness.snowflake.clearFaults()
    await loadNow(harness, userId)
    await expectInStep(harness, userId)
  })

  test.for([
    ['an unpaid account', REFUSALS.unpaid],
    ['a used-up resource monitor', REFUSALS.quota],
  ] as const)('%s makes the load wait', async ([, effect], { harness }) => {
    const { userId } = await harness.signIn('load-4')
    await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
    await runNow(harness, userId, [PLAYS, 'user_top_tracks_st_stream'])
    harness.snowflake.injectFault({ at: 'statement', user: harness.form(userId).user, effect })
    await loadNow(harness, userId)
    expect(await snowflakeStatus(userId)).toMatchObject({ state: 'waiting', waitingUntil: expect.any(String) })
    harness.snowflake.clearFaults()
    await loadNow(harness, userId)
    await expectInStep(harness, userId)
  })
})

describe('load methods', () => {
  test('keeps snapshots with append, removed rows with upsert, and matches the embedded copy with overwrite', async ({
    harness,
  }) => {
    const { userId } = await listener(harness, 'load-5', SOME)
    const table = 'user_top_artists_st_stream'
    const count = async () => (await harness.rows(userId, table, 'rank, synced_at')).length
    const first = await count()
    await changeSnowflake(userId, { methods: { [table]: 'append' } })
    await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
    await runNow(harness, userId, [table])
    await loadNow(harness, userId)
    expect(await count()).toBe(2 * first)
    const { tables } = await snowflakeStatus(userId)
    expect(tables.find((one) => one.table === table.toUpperCase())).toMatchObject({ state: 'own method' })

    await changeSnowflake(userId, { methods: { [table]: 'overwrite' } })
    await loadNow(harness, userId)
    await expectInStep(harness, userId)
    await expect(changeSnowflake(userId, { methods: { [PLAYS]: 'overwrite' } })).rejects.toMatchObject({ status: 400 })
  })

  test('holds no key twice after a change from append to upsert, and counts its rows', async ({ harness }) => {
    const { userId } = await listener(harness, 'load-10', SOME)
    const table = 'user_top_artists_st_stream'
    const ranks = async () => (await harness.rows(userId, table, 'rank')).map(({ rank }) => rank)
    for (const method of ['append', 'upsert'] as const) {
      await changeSnowflake(userId, { methods: { [table]: method } })
      await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
      await runNow(harness, userId, [table])
      await loadNow(harness, userId)
    }
    expect(await ranks()).toEqual([...new Set(await ranks())])
    const { rowsUnchanged } = await db().streamRun.findFirstOrThrow({
      where: { stream: table, run: { userId, kind: 'load' } },
      orderBy: { runId: 'desc' },
    })
    expect(rowsUnchanged).toBeGreaterThanOrEqual(0)
  })

  test('adds the columns of Singer targets as record metadata and changes nothing else', async ({ harness }) => {
    const { userId } = await listener(harness, 'load-6', SOME)
    await changeSnowflake(userId, { addRecordMetadata: true })
    await harness.setTime(new Date(harness.now().getTime() + 25 * HOUR))
    await runNow(harness, userId, ['user_top_tracks_st_stream'])
    await loadNow(harness, userId)
    const [row] = await harness.rows(userId, 'user_top_tracks_st_stream', '_sdc_extracted_at, _sdc_sequence, rank')
    expect(row).toMatchObject({ _sdc_extracted_at: expect.any(String), _sdc_sequence: expect.any(Number) })
    await expectInStep(harness, userId)
  })
})

test('keeps and marks rows of withheld songs, like the embedded copy', async ({ harness }) => {
  const { userId } = await listener(harness, 'load-11', SOME)
  const liked = (await harness.rows(userId, SAVED, 'id')).length
  await harness.configure({
    faults: [
      { match: { path: '/me/tracks', listener: 'load-11' }, times: 1000, fault: { kind: 'withheld', places: [3, 60] } },
    ],
  })
  await harness.setTime(new Date(harness.now().getTime() + HOUR))
  const run = await runNow(harness, userId, [SAVED])
  await harness.configure({ clearFaults: true })
  expect(run.streams[SAVED]).toMatchObject({ state: 'succeeded', rowsRemoved: 0, withheld: 2 })
  await loadNow(harness, userId)
  await expectInStep(harness, userId)
  const rows = await harness.rows(userId, SAVED, 'id, withheld_at')
  expect(rows.length).toBeGreaterThanOrEqual(liked)
  expect(rows.filter(({ withheld_at }) => withheld_at !== null)).toHaveLength(2)
})

test('refuses the schema of another listener and does not touch it', async ({ harness }) => {
  const { userId: first } = await listener(harness, 'load-7', SOME)
  const { userId: second, runId } = await harness.signIn('load-8')
  await runToEnd(harness, runId, SOME)
  const before = await harness.rows(first, SAVED, 'id')
  await harness.runScript(second)
  const { role, warehouse, database } = harness.form(first)
  await harness.snowflake.runScript(`GRANT ROLE "${role}" TO USER "${harness.form(second).user}"`)
  const form = { ...harness.form(second), role, warehouse, database }
  const { saved, checks } = await saveSnowflake(second, form)
  expect(saved).toBe(false)
  expect(checks.find(({ name }) => name === 'schema')).toMatchObject({ state: 'failed' })
  expect(await harness.rows(first, SAVED, 'id')).toEqual(before)
})

describe('a connection of the version that stored plays with everything about their songs', () => {
  test('gets narrow plays and the tables of music; the former table is renamed and stays', async ({ harness }) => {
    const { userId, connectionId } = await listener(harness, 'load-17', [PLAYS, SAVED])
    const connection = await requireSnowflake(userId)
    const former = { ...WIDE_PLAYS, columns: { ...WIDE_PLAYS.columns, artist_ids: 'text' as const } }
    const play = {
      synced_at: '2026-03-01T12:00:00.000Z',
      played_at: '2026-03-01T11:00:00.000Z',
      uri: 'spotify:track:old',
    }
    const nulls = Object.fromEntries(Object.keys(former.columns).map((name) => [name, null]))
    await withSession(connection, { runId: null, tag: { for: 'test' } }, async (warehouse) => {
      for (const name of ['plays', 'tracks']) await warehouse.rename({ schema: 'raw', name }, `${name}_gone`)
      await warehouse.load(loadOf([{ ...nulls, ...play }], { table: former, mode: 'merge', stream: PLAYS }))
      await warehouse.flush()
    })
    // That version never copied the new tables.
    const data = { tablesVersion: 0, copy: { increment: 1 } }
    await db().warehouseConnection.update({ where: { id: connectionId }, data })

    await loadNow(harness, userId)
    await expectInStep(harness, userId)
    expect(await harness.rows(userId, PLAYS)).toEqual([])
    expect(await harness.rows(userId, `${PLAYS}_before_1`, '"URI"')).toEqual([{ uri: play.uri }])
    expect((await harness.rows(userId, 'tracks')).length).toBeGreaterThan(100)
  })
})
