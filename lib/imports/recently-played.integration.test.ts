import { expect } from 'vitest'
import { stopRuns } from '#lib/accounts/disconnect.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { recentlyPlayedCsv, yourSpotifyInfos } from '#testing/exports/trackers.ts'
import { test } from '#testing/sync/fixture.ts'
import { importFiles } from '#testing/sync/import-files.ts'

test('plays that other programs recorded from Spotify count, once each', async ({ listener: { userId } }) => {
  await stopRuns(userId)
  const plays = [...madePlays({ plays: 4_000 })].filter(({ msPlayed }) => msPlayed >= 30_000).slice(0, 2_000)
  const { members, ...details } = await importFiles(userId, {
    'endsong_0.json': JSON.stringify(plays.slice(0, 1_000).map((play) => extendedRow(play))),
    'infos.json': plays
      .slice(500, 1_500)
      .map((play) => JSON.stringify(yourSpotifyInfos(play)))
      .join('\n'),
    'plays.csv': recentlyPlayedCsv(plays.slice(1_200)),
  })
  expect(members.map(({ kind }) => kind)).toEqual(['spotify-extended', 'recently-played', 'recently-played'])
  // 500 plays are in the history and in the second file, 300 in the second and the third.
  expect(details).toMatchObject({ state: 'done', read: 2_800, new: 2_000, paired: 0, duplicate: 800, rejected: {} })
  const warehouse = await openDuckdb(duckdbFile(userId))
  const counted = await warehouse.query(
    `select count(*) as plays, count(*) filter (where counts) as counted,
       count(*) filter (where source = 'recently-played') as recorded,
       count(*) filter (where source = 'recently-played' and ms_known) as timed from analytical.fct_plays`,
    [],
    { limit: 1 },
  )
  expect(counted).toEqual([{ plays: 2_000, counted: 2_000, recorded: 1_000, timed: 0 }])
})
