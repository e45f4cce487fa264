import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { importDemoHistory, pendingHistories } from './demo-history.ts'

const PLAYS = 'user_recently_played_stream'
const IMPORTER = join(import.meta.dirname, '../../testing/sync/import-until-killed.ts')

test.override('options', [{ TRACKLAKE_MODE: 'demo' }])

const connectionOf = (userId: string) =>
  db().warehouseConnection.findFirstOrThrow({ where: { userId, kind: 'duckdb' }, select: { id: true } })

/** Kills a process that imports as soon as some pages have landed. */
async function importUntilKilled(userId: string): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, IMPORTER, userId], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('ten years are imported after the first run, once, up to where recently played begins', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('juniper-lake')
  expect(await pendingHistories()).toEqual([{ userId, isReady: false }])
  await runToEnd(harness, runId, [PLAYS])
  expect(await pendingHistories(userId)).toEqual([{ userId, isReady: true }])

  await importUntilKilled(userId)
  expect(await db().landedObject.count({ where: { read: { userId, stream: 'imported_plays' } } })).toBeGreaterThan(0)
  expect(await pendingHistories(userId)).toEqual([{ userId, isReady: true }])
  await Promise.all([importDemoHistory(userId), importDemoHistory(userId)])
  expect(await pendingHistories()).toEqual([])
  expect(await importDemoHistory(userId)).toBeGreaterThan(130_000)
  await loadAll((await connectionOf(userId)).id)

  const [figures] = await harness.tableRows(
    userId,
    'imported_plays',
    `count(*) as plays, min(played_at) as first, max(played_at) as last, count(distinct import_id) as imports,
     sum(case when skipped then 1 else 0 end) as skipped, sum(case when private then 1 else 0 end) as private,
     sum(case when offline then 1 else 0 end) as offline, count(distinct track_id) as songs`,
  )
  const { plays, first, last, imports, ...others } = figures ?? {}
  expect(plays).toBeGreaterThan(130_000)
  expect(imports).toBe(1)
  expect(String(first)).toMatch(/^2016-11/)
  for (const count of Object.values(others)) expect(count).toBeGreaterThan(1_000)
  const [api] = await harness.tableRows(userId, 'plays', 'min(played_at) as first')
  expect(Date.parse(String(last))).toBeLessThan(Date.parse(String(api?.first)))
  const [charts] = await harness.tableRows(
    userId,
    'chart_entries',
    'count(*) as entries, count(distinct day) as weeks, count(distinct import_id) as imports, max(weeks_on_chart) as longest',
  )
  expect(charts).toMatchObject({ entries: 26 * 50, weeks: 26, imports: 1 })
  expect(charts?.longest).toBeGreaterThan(26)
  await expectEveryPlay(harness, userId, String(last))

  // As an older version left it: with the plays, but without charts.
  await db().importMember.deleteMany({ where: { import: { userId }, kind: 'charts' } })
  expect(await pendingHistories(userId)).toEqual([{ userId, isReady: true }])
  expect(await importDemoHistory(userId)).toBeGreaterThan(130_000)
  await importDemoHistory(userId)
  expect(await pendingHistories(userId)).toEqual([])
  const added = await db().import.findMany({ where: { userId }, include: { members: true }, orderBy: { id: 'asc' } })
  expect(added.map(({ members }) => members.length)).toEqual([26, 1])
})

/** Compares the last month of the import with what the listener played. */
async function expectEveryPlay(harness: Harness, userId: string, last: string): Promise<void> {
  const since = new Date(Date.parse(last) - 30 * 86_400_000).toISOString()
  const expected = await harness.expected('juniper-lake', 'plays', { since, at: last })
  const imported = await harness.tableRows(userId, 'imported_plays', 'played_at, uri, ms_played')
  const ends = new Set(imported.map(({ played_at, uri }) => `${String(played_at).slice(0, 19)} ${uri}`))
  expect(expected.filter(({ played_at, uri }) => !ends.has(`${String(played_at).slice(0, 19)} ${uri}`))).toEqual([])
  expect(expected.length).toBeGreaterThan(600)
}

test('listeners without an export import nothing', async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  expect(await pendingHistories(listener.userId)).toEqual([])
})
