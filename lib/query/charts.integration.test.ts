import { writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { createRun } from '#lib/runs/runs.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { firstDayFor } from './listener-data.ts'
import { forgetResults, queryChart } from './query-chart.ts'

const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'

test('figures say since when there are plays, unless these reach back far enough', async ({ harness, listener }) => {
  // The period of the figures ends at the real time.
  await harness.setTime(new Date())
  const { userId } = await runToEnd(harness, listener.runId, [PLAYS])
  const [first] = await harness.tableRows(userId, 'plays', 'min(played_at) as at')
  const plays = (await queryChart(userId, 'figures', {})).rows.filter(({ days }) => days === 28)
  expect(plays.map(({ name }) => name)).toEqual(['plays', 'minutes', 'artists'])
  expect(plays.map(({ since }) => since)).toEqual(plays.map(() => first?.at))

  // All of this listener's plays are much older than 28 days.
  await harness.setTime(new Date(Date.now() - 200 * DAY))
  const old = await harness.signIn('load-50')
  await runToEnd(harness, old.runId, [PLAYS])
  const [count] = (await queryChart(old.userId, 'figures', {})).rows
  expect(count).toMatchObject({ name: 'plays', value: 0, since: null })
})

test('rank lines have the top 10 of each known day', async ({ harness, listener }) => {
  const { userId } = await runToEnd(harness, listener.runId, [TOP])
  const ranks = async () => {
    const { rows } = await queryChart(userId, 'top-tracks-ranks', { range: 'short' })
    const byDay = Map.groupBy(rows, ({ day }) => String(day))
    return [...byDay].map(([day, own]) => [day, own.map(({ rank }) => rank)])
  }
  const TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  const today = harness.now().toISOString().slice(0, 10)
  expect(await ranks()).toEqual([[today, TEN]])

  const before = new Date(harness.now().getTime() - 20 * DAY)
  const run = await createRun({ userId, trigger: 'manual', streams: [TOP], instants: [before] })
  await runToEnd(harness, run?.id ?? '')
  expect(await ranks()).toEqual([
    [before.toISOString().slice(0, 10), TEN],
    [today, TEN],
  ])
})

test('pages of a damaged warehouse render, and their charts say what is wrong', async ({ harness, listener }) => {
  const { userId } = await runToEnd(harness, listener.runId, [PLAYS])
  expect(await firstDayFor(userId)).toMatch(/^\d{4}-/)
  const file = duckdbFile(userId)
  await (await openDuckdb(file)).close()
  writeFileSync(file, Buffer.alloc(20_000, 'not a warehouse'))
  forgetResults(userId)
  expect(await firstDayFor(userId)).toBeNull()
  await expect(queryChart(userId, 'overview-figures', { period: 'all' })).rejects.toThrow('damaged')
})
