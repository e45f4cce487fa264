import { expect } from 'vitest'
import { setGenres } from '#lib/accounts/genres.ts'
import { db } from '#lib/db.ts'
import { startOver } from '#lib/load/connection/connect.ts'
import { genresOf } from '#lib/query/genres.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import type { SnowflakeHarness } from '#testing/sync/snowflake-harness.ts'

const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'

/** A load into Snowflake that is due because of something else. */
async function nextLoad(harness: SnowflakeHarness, connectionId: string): Promise<void> {
  await db().warehouseConnection.update({
    where: { id: connectionId },
    data: { loadAfter: null, copyStreams: [TOP] },
  })
  await harness.load(connectionId)
}

test('a Snowflake gets the genres of the embedded copy, also later ones and those taken back', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [PLAYS, TOP])
  const { id } = await db().warehouseConnection.findUniqueOrThrow({
    where: { userId_kind: { userId, kind: 'duckdb' } },
  })
  const [one, other] = (await genresOf(userId, { search: '', show: 'all', limit: 20 })).artists
  if (!one || !other) throw new Error('There are too few artists')
  await setGenres({ id: userId }, { artistId: one.id, genres: ['indie', 'folk'] })
  await loadAll(id)
  const connectionId = await harness.connect(userId)
  const there = async () => (await harness.rows(userId, 'genre_map', 'artist_id, genres')).map(Object.values)
  expect(await there()).toEqual([[one.id, 'indie, folk']])
  const both = await harness.tablesOnBothSides(userId)
  expect(both.there.genre_map).toEqual(both.here.genre_map)

  await setGenres({ id: userId }, { artistId: one.id, genres: null })
  await setGenres({ id: userId }, { artistId: other.id, genres: ['jazz'] })
  await loadAll(id)
  await nextLoad(harness, connectionId)
  expect((await there()).toSorted()).toEqual(
    [
      [one.id, null],
      [other.id, 'jazz'],
    ].toSorted(),
  )
  const { compared } = await db().warehouseConnection.findUniqueOrThrow({ where: { id: connectionId } })
  expect(compared).toMatchObject({ genre_map: { rows: 2, alike: true } })

  harness.snowflake.clearTraffic()
  await nextLoad(harness, connectionId)
  const writes = harness.snowflake
    .statements()
    .filter(({ text }) => /^\s*(merge into|insert into|delete from|create [a-z ]+)\s\S*GENRE_MAP/i.test(text))
  expect(writes).toEqual([])

  await harness.snowflake.runScript(`drop table ${harness.form(userId).database}.RAW.GENRE_MAP`)
  await db().$transaction(async (tx) =>
    startOver(tx, await tx.warehouseConnection.update({ where: { id: connectionId }, data: { loadAfter: null } })),
  )
  await harness.load(connectionId)
  expect(await there()).toHaveLength(2)
})
