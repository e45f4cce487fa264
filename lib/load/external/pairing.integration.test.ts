import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { requireSnowflake, startOver } from '#lib/load/connection/connect.ts'
import { orderLoad } from '#lib/sync/order-run.ts'
import { extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { importFiles } from '#testing/sync/import-files.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'

const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'
const WRITE = String.raw`^\s*(merge into|insert (overwrite )?into|delete from|create [a-z ]+)\s`

/** A load into Snowflake that somebody orders. */
async function nextLoad(harness: SnowflakeHarness, userId: string): Promise<void> {
  const connection = await requireSnowflake(userId)
  await orderLoad(connection, { byUserId: userId })
  harness.snowflake.clearTraffic()
  await harness.load(connection.id)
}

/** Statements about a table since the traffic was cleared, without the comparison that ends each load. */
const writes = (harness: SnowflakeHarness, tables: string) =>
  harness.snowflake.statements().filter(({ text }) => new RegExp(`${WRITE}\\S*(${tables})`, 'i').test(text))

test('what was paired is loaded once, and models are not built again without a change', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [PLAYS, TOP])
  const connectionId = await harness.connect(userId)
  const heard = await harness.tableRows(userId, 'plays', 'epoch_ms(played_at) as at, uri')
  const rows = [...madePlays({ plays: 50, seed: 1 })].map((play) => extendedRow(play))
  const paired = heard.map(({ at, uri }) =>
    extendedRow({ at: Number(at), msPlayed: 200_000, song: 1, skipped: false }, { spotify_track_uri: String(uri) }),
  )
  await importFiles(userId, { 'my_data.zip': zipOf(extendedMembers([...rows, ...paired])) })
  const pairing = 'PLAY_PAIRS|IMPORT_DUPLICATES|RESOLVED_IDS|IMPORTED_(TRACKS|ALBUMS|ARTISTS)'

  await nextLoad(harness, userId)
  expect(writes(harness, 'PLAY_PAIRS')).not.toEqual([])
  expect(writes(harness, 'FCT_PLAYS')).not.toEqual([])
  const both = await harness.tablesOnBothSides(userId)
  expect(both.there.play_pairs?.length).toBeGreaterThan(0)
  expect(both.there.play_pairs).toEqual(both.here.play_pairs)

  await nextLoad(harness, userId)
  expect(writes(harness, pairing)).toEqual([])
  expect(writes(harness, 'FCT_PLAYS')).toHaveLength(0)

  await harness.snowflake.runScript(`drop table ${harness.form(userId).database}.RAW.PLAY_PAIRS`)
  await db().$transaction(async (tx) =>
    startOver(tx, await tx.warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: null } })),
  )
  await harness.load(connectionId)
  expect((await harness.tablesOnBothSides(userId)).there.play_pairs).toEqual(both.here.play_pairs)
})
