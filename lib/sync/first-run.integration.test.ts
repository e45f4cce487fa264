import { describe, expect } from 'vitest'
import { me, settingsOf } from '#lib/accounts/status.ts'
import { db } from '#lib/db.ts'
import { streamNamed } from '#lib/streams/index.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { expectAllTables } from '#testing/sync/expected.ts'
import { test } from '#testing/sync/fixture.ts'
import { type EndedRun, runToEnd } from '#testing/sync/run-jobs.ts'

const CHARTS = ['global_top_tracks_daily_stream', 'global_top_tracks_weekly_stream', 'global_viral_tracks_daily_stream']

const runs = new Map<string, EndedRun>()

// One after the other, because the later ones use what the first one learned about the app.
test.beforeAll(async ({ harness }) => {
  for (const name of ['juniper-lake', 'quiet-fern', 'odd-cases']) {
    const { runId } = await harness.signIn(name)
    runs.set(name, await runToEnd(harness, runId))
  }
})

function runOf(name: string): EndedRun {
  const run = runs.get(name)
  if (!run) throw new Error(`${name} did not run`)
  return run
}

describe.for(['juniper-lake', 'quiet-fern', 'odd-cases'])('the first run of %s', (name) => {
  test('fills every table with exactly what Spotify holds', ({ harness }) =>
    expectAllTables(harness, runOf(name).userId, name))

  test('counts the rows of every table', async ({ harness }) => {
    const { userId, streams } = runOf(name)
    for (const { stream, items, rowsNew, rowsChanged, rowsUnchanged, rowsRemoved, rejected } of Object.values(
      streams,
    )) {
      const rows = await harness.tableRows(userId, streamTable(streamNamed(stream)).name, '1')
      expect([stream, rowsNew, rowsChanged, rowsUnchanged, rowsRemoved]).toEqual([stream, rows.length, 0, 0, 0])
      const lost = Object.values(Object(rejected) as Record<string, number>).reduce((sum, count) => sum + count, 0)
      expect(rowsNew + lost).toBeLessThanOrEqual(items)
      if (name === 'juniper-lake') expect([stream, rowsNew + lost]).toEqual([stream, items])
    }
  })

  test('leaves nothing to load and nothing to sweep', async () => {
    const { userId } = runOf(name)
    expect(await db().loadLedger.count({ where: { state: { not: 'loaded' }, read: { userId } } })).toBe(0)
    expect(await db().landedObject.count({ where: { moved: false, read: { userId } } })).toBe(0)
  })
})

test('charts that Spotify closed to new apps are skipped without degrading the run', () => {
  const first = runOf('juniper-lake')
  expect(first).toMatchObject({ state: 'succeeded', problem: null, remedy: null })
  for (const name of CHARTS) {
    expect(first.streams[name]).toMatchObject({
      state: 'skipped',
      problem: 'Spotify no longer offers this to new apps',
      remedy: expect.stringContaining('Nothing else is affected'),
    })
  }
  const others = Object.values(first.streams).filter(({ stream }) => !CHARTS.includes(stream))
  expect(others.map(({ state }) => state)).toEqual(others.map(() => 'succeeded'))
  expect(runOf('odd-cases').state).toBe('succeeded')
  expect(Object.keys(runOf('odd-cases').streams)).not.toContain(CHARTS[0])
})

test('charts that Spotify closed to new apps raise no alert and are promised nowhere', async () => {
  const id = runOf('juniper-lake').userId
  expect(await db().alert.count({ where: { userId: id } })).toBe(0)
  const { schedules } = await settingsOf({ id })
  expect(schedules.map(({ group }) => group)).toEqual(['recently played', 'top lists', 'playlists', 'library'])
  await db().schedule.updateMany({ where: { userId: id, group: 'charts' }, data: { nextAt: new Date(0) } })
  const { nextRunAt } = await me({ id })
  expect(nextRunAt).toBe(schedules.flatMap(({ nextAt }) => nextAt ?? []).toSorted()[0])
})

test('rejected items are counted by reason', () => {
  const { streams } = runOf('odd-cases')
  expect(streams.user_playlists_stream?.rejected).toEqual({ 'item withdrawn by Spotify': 1 })
  expect(streams.user_playlist_items_stream?.rejected).toEqual({ 'item withdrawn by Spotify': 4 })
})

test('the run of a listener without data succeeds', () => {
  const { state, streams } = runOf('quiet-fern')
  expect(state).toBe('succeeded')
  expect(streams.user_saved_tracks_stream).toMatchObject({ state: 'succeeded', items: 0, rowsNew: 0 })
})
