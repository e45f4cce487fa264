import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { changeSnowflake, disconnectSnowflake, orderLoad } from '#lib/load/connection/change.ts'
import { connectedSnowflake, saveSnowflake } from '#lib/load/connection/connect.ts'
import { snowflakeAnswer } from '#lib/load/connection/status.ts'
import { acquireLease } from '#lib/load/lease.ts'
import { connectedDue } from '#lib/storage/destinations.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { loadAll, runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { makeSnowflakeBed, type SnowflakeBed } from '#testing/sync/snowflake-harness.ts'
import { loadConnected } from './load-session.ts'

let bed: SnowflakeBed

beforeAll(async () => {
  bed = await makeSnowflakeBed()
})
afterAll(() => bed.stop())

const LOADER = join(import.meta.dirname, '../../../testing/sync/external-load-until-killed.ts')
const SAVED = 'user_saved_tracks_stream'
const PLAYS = 'user_recently_played_stream'

const TOP = ['user_top_tracks_st_stream', 'user_top_artists_st_stream']
/** Enough for what most tests look at. */
const SOME = [...TOP, PLAYS, 'user_playlists_stream', SAVED]

async function listener(name: string, only?: string[]): Promise<{ userId: string; connectionId: string }> {
  const { userId, runId } = await bed.signIn(name)
  await runToEnd(bed, runId, only)
  return { userId, connectionId: await bed.connect(userId) }
}

async function loadNow(userId: string, everything = false): Promise<void> {
  const connection = await connectedSnowflake(userId)
  await orderLoad(connection, { byUserId: userId, everything })
  await bed.load(connection.id)
}

async function expectInStep(userId: string): Promise<void> {
  const { there, here } = await bed.bothSides(userId)
  expect(Object.keys(there)).toEqual(Object.keys(here))
  expect(there).toEqual(here)
  const { tables } = await snowflakeAnswer(userId)
  expect(tables.filter(({ state }) => state !== 'in step')).toEqual([])
  expect(tables.length).toBeGreaterThan(3)
}

const lastLoad = async (userId: string) => (await snowflakeAnswer(userId)).loads[0]

describe('a listener who connects after the first run', () => {
  let userId: string
  let connectionId: string

  beforeAll(async () => {
    ;({ userId, connectionId } = await listener('load-1'))
  })

  test('finds everything that the serving copy holds, row by row', async () => {
    await expectInStep(userId)
    expect(await lastLoad(userId)).toMatchObject({ state: 'succeeded', problem: null })
    expect(await snowflakeAnswer(userId)).toMatchObject({ state: 'ready', waitingReads: 0, problem: null })
  })

  test('is not loaded again before the cadence says so, and then in one session', async () => {
    await bed.moveTo(new Date(bed.at().getTime() + 26 * HOUR))
    await runNow(bed, userId)
    const { waitingReads, tables, nextLoadAt } = await snowflakeAnswer(userId)
    expect(waitingReads).toBeGreaterThan(0)
    expect(tables.find(({ table }) => table === 'USER_TOP_TRACKS_ST_STREAM')).toMatchObject({ state: 'behind' })
    expect(Date.parse(nextLoadAt ?? '')).toBeGreaterThan(Date.now())
    expect(await connectedDue(userId)).toEqual([])

    bed.snowflake.forget()
    await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: new Date() } })
    expect(await connectedDue(userId)).toEqual([connectionId])
    await bed.load(connectionId)
    expect(bed.snowflake.seen().sessions.opened).toBe(1)
    await expectInStep(userId)
  })

  test('declares and looks up nothing while the columns stay', async () => {
    await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
    await runNow(bed, userId)
    bed.snowflake.forget()
    await loadNow(userId)
    const texts = bed.snowflake.statements().map(({ text }) => text)
    expect(texts.filter((text) => /^\s*(create table|alter|drop)|information_schema/i.test(text))).toEqual([])
    expect(texts.length).toBeGreaterThan(5)
  })

  test('a call that is repeated while the first one goes on loads nothing twice', async () => {
    await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
    await runNow(bed, userId, TOP)
    await orderLoad(await connectedSnowflake(userId), { byUserId: userId, everything: false })
    bed.snowflake.forget()
    await Promise.all([loadAll(connectionId, 'the job'), loadAll(connectionId, 'the job')])
    expect(bed.snowflake.seen().sessions.opened).toBe(1)
    await expectInStep(userId)
  })

  test('a session whose turn was taken over, by another process, stops', async () => {
    await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
    await runNow(bed, userId, TOP)
    await orderLoad(await connectedSnowflake(userId), { byUserId: userId, everything: false })
    const first = await acquireLease(connectionId, 'the job')
    if (!first) throw new Error('no turn')
    await db().warehouseConnection.update({ where: { id: connectionId }, data: { loadingUntil: new Date(0) } })
    bed.snowflake.forget()
    expect(await loadConnected(first, 'the job')).toEqual({ more: true })
    expect((await snowflakeAnswer(userId)).waitingReads).toBeGreaterThan(0)
    await bed.load(connectionId)
    await expectInStep(userId)
  })

  test('has a run log with every run and its streams', async () => {
    const runs = await db().run.findMany({ where: { userId, endedAt: { not: null } } })
    const logged = await bed.rows(userId, 'tracklake_runs', 'run_id, kind, state')
    expect(logged.map(({ run_id }) => run_id).sort()).toEqual(runs.map(({ id }) => id).sort())
    expect(new Set(logged.map(({ kind }) => kind))).toEqual(new Set(['extract', 'load']))
    const streamRuns = await bed.rows(userId, 'tracklake_stream_runs', 'run_id, stream, rows_new')
    expect(streamRuns.length).toBe(await db().streamRun.count({ where: { run: { userId, endedAt: { not: null } } } }))
  })

  test('tags every statement with the run', async () => {
    const load = await lastLoad(userId)
    const tags = bed.snowflake.statements().map(({ tag }) => JSON.parse(tag) as Record<string, string>)
    expect(tags.filter(({ run }) => run === load?.id).length).toBeGreaterThan(5)
    expect(tags.every(({ app }) => app === 'tracklake')).toBe(true)
  })

  test('a load that finds nothing new says so', async () => {
    await loadNow(userId)
    expect(await lastLoad(userId)).toMatchObject({ state: 'nothing new', new: 0, changed: 0, removed: 0 })
  })

  test('a table that somebody changed there differs, and loading everything again mends it', async () => {
    const { database } = bed.form(userId)
    await bed.snowflake.runScript(`DELETE FROM "${database}"."RAW"."${SAVED.toUpperCase()}"`)
    await loadNow(userId)
    const differs = (await snowflakeAnswer(userId)).tables.filter(({ state }) => state === 'differs')
    expect(differs.map(({ table }) => table)).toEqual([SAVED.toUpperCase()])
    await loadNow(userId, true)
    await expectInStep(userId)
  })

  test('shows what the last thirty days cost, not more', async () => {
    const { days } = await snowflakeAnswer(userId)
    const { id } = await db().run.findFirstOrThrow({ where: { load: { connectionId } }, orderBy: { id: 'asc' } })
    const loads = days.reduce((sum, day) => sum + day.loads, 0)
    const longAgo = new Date(Date.now() - 31 * 24 * HOUR)
    await db().run.update({ where: { id }, data: { startedAt: longAgo } })
    const later = await snowflakeAnswer(userId)
    expect(later.days.reduce((sum, day) => sum + day.loads, 0)).toBe(loads - 1)
  })

  test('disconnecting forgets everything here, leaves everything there, and the next run works', async () => {
    const before = bed.snowflake.account
    await disconnectSnowflake(userId)
    expect(await snowflakeAnswer(userId)).toMatchObject({ connected: false, loads: [], tables: [] })
    expect(await db().snowflakeKey.count({ where: { userId, usedAt: { not: null } } })).toBe(0)
    await bed.moveTo(new Date(bed.at().getTime() + 26 * HOUR))
    expect(['succeeded', 'incomplete']).toContain((await runNow(bed, userId)).state)
    expect(before.databases.has(bed.form(userId).database)).toBe(true)
  })
})

describe('a warehouse that is down', () => {
  test('delays for several runs, tells once, and then everything is loaded, nothing twice', async () => {
    const { userId } = await listener('load-2', SOME)
    bed.snowflake.order({ at: 'sign-in', user: bed.form(userId).user, deed: { kind: 'status', status: 503 } })
    for (let day = 0; day < 2; day++) {
      await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
      expect(['succeeded', 'incomplete']).toContain((await runNow(bed, userId, SOME)).state)
      await loadNow(userId)
      expect(await snowflakeAnswer(userId)).toMatchObject({ state: 'waiting', problem: expect.any(String) })
      expect(await lastLoad(userId)).toMatchObject({ state: 'waiting', remedy: expect.any(String) })
    }
    const told = { action: 'a connected warehouse waits', subject: userId }
    expect(await db().auditEvent.count({ where: told })).toBe(1)
    const { waitingReads, loads } = await snowflakeAnswer(userId)
    expect(waitingReads).toBeGreaterThan(4)
    expect(loads.filter(({ state }) => state === 'waiting')).toHaveLength(1)

    bed.snowflake.clearFaults()
    await loadNow(userId)
    await expectInStep(userId)
    expect(await snowflakeAnswer(userId)).toMatchObject({ state: 'ready', problem: null, waitingReads: 0 })
    const back = { action: 'a connected warehouse works again', subject: userId }
    expect(await db().auditEvent.count({ where: back })).toBe(1)
  })

  test('in the middle of a load loses and doubles nothing', async () => {
    const { userId } = await listener('load-3', SOME)
    for (const when of ['before', 'after'] as const) {
      for (const nth of [3, 6]) {
        await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
        await runNow(bed, userId, SOME)
        bed.snowflake.order({
          at: 'statement',
          user: bed.form(userId).user,
          deed: { kind: 'cut', when },
          nth,
          times: 1,
        })
        await loadNow(userId)
        bed.snowflake.clearFaults()
        await loadNow(userId)
        await expectInStep(userId)
      }
    }
  })
})

test('a process that is killed in the middle of a load loses and doubles nothing', async () => {
  const { userId, connectionId } = await listener('load-9', SOME)
  for (const nth of [2, 7]) {
    await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
    await runNow(bed, userId, SOME)
    await orderLoad(await connectedSnowflake(userId), { byUserId: userId })
    bed.snowflake.order({ at: 'statement', user: bed.form(userId).user, deed: { kind: 'never' }, nth })
    bed.snowflake.forget()
    const loader = spawn(process.execPath, [LOADER, connectionId, `job-${nth}`], { stdio: 'ignore' })
    const died = once(loader, 'exit')
    await expect.poll(() => bed.snowflake.statements().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(nth)
    loader.kill('SIGKILL')
    await died
    bed.snowflake.clearFaults()
    // The job is repeated under its name, as the engine does it.
    await loadAll(connectionId, `job-${nth}`)
    await expectInStep(userId)
  }
})

describe('a refused sign-in', () => {
  test('is not tried again before the listener acts', async () => {
    const { userId } = await listener('load-4', SOME)
    await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
    await runNow(bed, userId, SOME)
    bed.snowflake.order({ at: 'sign-in', user: bed.form(userId).user, deed: REFUSALS.disabled })
    await loadNow(userId)
    expect(await snowflakeAnswer(userId)).toMatchObject({
      state: 'needs you',
      problem: 'The user is disabled',
      remedy: expect.stringContaining('DISABLED = FALSE'),
      nextLoadAt: null,
    })
    expect(await lastLoad(userId)).toMatchObject({ state: 'waiting', problem: 'The user is disabled' })

    bed.snowflake.forget()
    expect(await connectedDue(userId)).toEqual([])
    await bed.load((await connectedSnowflake(userId)).id)
    expect(bed.snowflake.seen().requests['sign-in'] ?? 0).toBe(0)

    bed.snowflake.clearFaults()
    await loadNow(userId)
    await expectInStep(userId)
  })

  test.for([
    ['an unpaid account', REFUSALS.unpaid],
    ['a used-up resource monitor', REFUSALS.quota],
  ] as const)('%s makes the load wait', async ([, deed]) => {
    const { userId } = await bed.signIn('load-4')
    await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
    await runNow(bed, userId, [PLAYS, 'user_top_tracks_st_stream'])
    bed.snowflake.order({ at: 'statement', user: bed.form(userId).user, deed })
    await loadNow(userId)
    expect(await snowflakeAnswer(userId)).toMatchObject({ state: 'waiting', waitingUntil: expect.any(String) })
    bed.snowflake.clearFaults()
    await loadNow(userId)
    await expectInStep(userId)
  })
})

describe('load methods', () => {
  test('append keeps snapshots, upsert keeps what went, overwrite comes back to the serving copy', async () => {
    const { userId } = await listener('load-5', SOME)
    const table = 'user_top_artists_st_stream'
    const count = async () => (await bed.rows(userId, table, 'rank, synced_at')).length
    const first = await count()
    await changeSnowflake(userId, { methods: { [table]: 'append' } })
    await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
    await runNow(bed, userId, [table])
    await loadNow(userId)
    expect(await count()).toBe(2 * first)
    const { tables } = await snowflakeAnswer(userId)
    expect(tables.find((one) => one.table === table.toUpperCase())).toMatchObject({ state: 'own method' })

    await changeSnowflake(userId, { methods: { [table]: 'overwrite' } })
    await loadNow(userId)
    await expectInStep(userId)
    await expect(changeSnowflake(userId, { methods: { [PLAYS]: 'overwrite' } })).rejects.toMatchObject({ status: 400 })
  })

  test('a table that leaves append for upsert holds no key twice, and counts what it did', async () => {
    const { userId } = await listener('load-10', SOME)
    const table = 'user_top_artists_st_stream'
    const ranks = async () => (await bed.rows(userId, table, 'rank')).map(({ rank }) => rank)
    for (const method of ['append', 'upsert'] as const) {
      await changeSnowflake(userId, { methods: { [table]: method } })
      await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
      await runNow(bed, userId, [table])
      await loadNow(userId)
    }
    expect(await ranks()).toEqual([...new Set(await ranks())])
    const { rowsUnchanged } = await db().streamRun.findFirstOrThrow({
      where: { stream: table, run: { userId, kind: 'load' } },
      orderBy: { runId: 'desc' },
    })
    expect(rowsUnchanged).toBeGreaterThanOrEqual(0)
  })

  test('record metadata adds the columns of Singer targets and changes nothing else', async () => {
    const { userId } = await listener('load-6', SOME)
    await changeSnowflake(userId, { addRecordMetadata: true })
    await bed.moveTo(new Date(bed.at().getTime() + 25 * HOUR))
    await runNow(bed, userId, ['user_top_tracks_st_stream'])
    await loadNow(userId)
    const [row] = await bed.rows(userId, 'user_top_tracks_st_stream', '_sdc_extracted_at, _sdc_sequence, rank')
    expect(row).toMatchObject({ _sdc_extracted_at: expect.any(String), _sdc_sequence: expect.any(Number) })
    await expectInStep(userId)
  })
})

test('a schema of another listener is refused, and nothing of it is touched', async () => {
  const { userId: first } = await listener('load-7', SOME)
  const { userId: second, runId } = await bed.signIn('load-8')
  await runToEnd(bed, runId, SOME)
  const before = await bed.rows(first, SAVED, 'id')
  await bed.runScript(second)
  const { role, warehouse, database } = bed.form(first)
  await bed.snowflake.runScript(`GRANT ROLE "${role}" TO USER "${bed.form(second).user}"`)
  const form = { ...bed.form(second), role, warehouse, database }
  const { saved, checks } = await saveSnowflake(second, form)
  expect(saved).toBe(false)
  expect(checks.find(({ name }) => name === 'schema')).toMatchObject({ state: 'failed' })
  expect(await bed.rows(first, SAVED, 'id')).toEqual(before)
})
