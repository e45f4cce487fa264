import { expect } from 'vitest'
import { changeCounting } from '#lib/accounts/counting.ts'
import { choose, forget } from '#lib/accounts/recordings.ts'
import { db } from '#lib/db.ts'
import { startOver } from '#lib/load/connection/connect.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'

const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'

const connectionOf = (userId: string) =>
  db().warehouseConnection.findUniqueOrThrow({ where: { userId_kind: { userId, kind: 'duckdb' } } })

/** Two songs that the listener has played. */
async function twoSongs(harness: SnowflakeHarness, userId: string) {
  const rows = await harness.tableRows(userId, 'plays', 'track_id')
  const [one = '', other = ''] = new Set(rows.map(({ track_id }) => String(track_id)))
  return [one, other] as const
}

/** A load into Snowflake that is due because of something else. */
async function nextLoad(harness: SnowflakeHarness, connectionId: string): Promise<void> {
  await db().warehouseConnection.update({
    where: { id: connectionId },
    data: { loadAfter: null, copyStreams: [TOP] },
  })
  await harness.load(connectionId)
}

const there = async (harness: SnowflakeHarness, userId: string) =>
  (await harness.rows(userId, 'recording_choices', 'track_id, recording_id')).map((row) => [
    row.track_id,
    row.recording_id,
  ])

test('a Snowflake gets choices from before it was connected, later ones, and what was undone', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [PLAYS, TOP])
  const build = async () => loadAll((await connectionOf(userId)).id)
  const [one, other] = await twoSongs(harness, userId)
  await choose({ id: userId }, { trackId: one, recordingId: other })
  await build()
  const connectionId = await harness.connect(userId)
  expect(await there(harness, userId)).toEqual([[one, other]])
  const models = await db().warehouseConnection.findUniqueOrThrow({ where: { id: connectionId } })
  expect(models).toMatchObject({ modelsState: 'fresh', compared: { recording_choices: { rows: 1, alike: true } } })

  await forget({ id: userId }, one)
  await choose({ id: userId }, { trackId: other, recordingId: other })
  await build()
  await nextLoad(harness, connectionId)
  expect(await there(harness, userId)).toEqual([[other, other]])

  harness.snowflake.clearTraffic()
  await nextLoad(harness, connectionId)
  const writes = harness.snowflake
    .statements()
    .filter(({ text }) => /(into|table|update) \S*"RECORDING_CHOICES"/i.test(text))
  expect(writes).toEqual([])
})

test('a refilled Snowflake gets all choices, and counts by the listener’s rule', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [PLAYS, TOP])
  const [one, other] = await twoSongs(harness, userId)
  await choose({ id: userId }, { trackId: one, recordingId: other })
  await changeCounting({ id: userId }, { rule: 'half', countsPrivate: false })
  await loadAll((await connectionOf(userId)).id)
  const id = await harness.connect(userId)
  await harness.snowflake.runScript(`drop table ${harness.form(userId).database}.RAW.RECORDING_CHOICES`)
  await db().$transaction(async (tx) =>
    startOver(tx, await tx.warehouseConnection.update({ where: { id }, data: { loadAfter: null } })),
  )
  await harness.load(id)
  expect(await there(harness, userId)).toEqual([[one, other]])
  expect(await harness.rows(userId, 'settings', 'counting_rule, counts_private')).toEqual([
    { counting_rule: 'half', counts_private: false },
  ])
})
