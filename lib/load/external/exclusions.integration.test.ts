import { expect } from 'vitest'
import { exclude, include } from '#lib/accounts/exclusions.ts'
import { db } from '#lib/db.ts'
import { startOver } from '#lib/load/connection/connect.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'

const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'

const embeddedOf = async (userId: string) =>
  (await db().warehouseConnection.findUniqueOrThrow({ where: { userId_kind: { userId, kind: 'duckdb' } } })).id

/** The keys of two plays of the listener. */
async function twoPlays(harness: SnowflakeHarness, userId: string) {
  const rows = await harness.tableRows(userId, 'plays', 'played_at, uri')
  const [one, other] = rows.map(({ played_at, uri }) => ({ playedAt: String(played_at), uri: String(uri) }))
  if (!one || !other) throw new Error('There are too few plays')
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

const excludedThere = async (harness: SnowflakeHarness, userId: string) =>
  (await harness.rows(userId, 'excluded_plays', 'played_at, excluded')).map((row) => [row.played_at, row.excluded])

test('a Snowflake gets exclusions from before it was connected, later ones, and what was undone', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [PLAYS, TOP])
  const build = async () => loadAll(await embeddedOf(userId))
  const [one, other] = await twoPlays(harness, userId)
  await exclude({ id: userId }, one)
  await build()
  const connectionId = await harness.connect(userId)
  expect(await excludedThere(harness, userId)).toEqual([[one.playedAt, true]])

  await exclude({ id: userId }, other)
  await include({ id: userId }, one)
  await build()
  await nextLoad(harness, connectionId)
  expect(await excludedThere(harness, userId)).toEqual(
    [
      [one.playedAt, false],
      [other.playedAt, true],
    ].toSorted(),
  )
  const { there, here } = await harness.tablesOnBothSides(userId)
  expect(there.excluded_plays).toEqual(here.excluded_plays)
  const { compared } = await db().warehouseConnection.findUniqueOrThrow({ where: { id: connectionId } })
  expect(compared).toMatchObject({ excluded_plays: { rows: 2, alike: true } })

  harness.snowflake.clearTraffic()
  await nextLoad(harness, connectionId)
  const writes = harness.snowflake
    .statements()
    .filter(({ text }) => /(merge|insert|delete|create).*EXCLUDED_PLAYS/is.test(text))
  expect(writes).toEqual([])
})

test('a Snowflake that is filled again gets all of them', async ({ harness, listener: { userId, runId } }) => {
  await runToEnd(harness, runId, [PLAYS, TOP])
  const [one] = await twoPlays(harness, userId)
  await exclude({ id: userId }, one)
  await loadAll(await embeddedOf(userId))
  const id = await harness.connect(userId)
  await harness.snowflake.runScript(`drop table ${harness.form(userId).database}.RAW.EXCLUDED_PLAYS`)
  await db().$transaction(async (tx) =>
    startOver(tx, await tx.warehouseConnection.update({ where: { id }, data: { loadAfter: null } })),
  )
  await harness.load(id)
  expect(await excludedThere(harness, userId)).toEqual([[one.playedAt, true]])
})
