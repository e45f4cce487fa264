import { expect } from 'vitest'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { buildModels } from './build.ts'
import { addRows, importedPlay, play, settings, songRows, warehouseTest as test } from './fixtures.ts'

const now = () => new Date('2026-03-10T12:00:00.000Z')

async function addPlays(warehouse: EmbeddedWarehouse, ...plays: [track: string, at: string][]): Promise<void> {
  await addRows(warehouse, { settings: [settings()], plays: plays.map(([track, at]) => play(track, `${at}.000Z`)) })
  for (const track of new Set(plays.map(([name]) => name))) await addRows(warehouse, songRows(track))
  await buildModels(warehouse, { now })
}

test('ranks songs, artists and albums by plays', async ({ warehouse }) => {
  await addPlays(warehouse, ['a', '2026-03-01T10:00:00'], ['b', '2026-03-01T10:05:00'], ['b', '2026-03-02T10:00:00'])
  const rows = await warehouse.query(
    'select kind, id, plays, position from reporting.rpt_most_listened order by kind, position',
    [],
  )
  expect(rows).toEqual([
    { kind: 'album', id: 'album-b', plays: 2, position: 1 },
    { kind: 'album', id: 'album-a', plays: 1, position: 2 },
    { kind: 'artist', id: 'artist-b', plays: 2, position: 1 },
    { kind: 'artist', id: 'artist-a', plays: 1, position: 2 },
    { kind: 'song', id: 'b', plays: 2, position: 1 },
    { kind: 'song', id: 'a', plays: 1, position: 2 },
  ])
})

test('an hour of the week without plays has a cell too', async ({ warehouse }) => {
  await addPlays(warehouse, ['a', '2026-03-02T10:00:00'], ['a', '2026-03-09T10:59:00'])
  const rows = await warehouse.query('select weekday, hour, plays from reporting.rpt_hour_of_week order by 1, 2', [])
  expect(rows).toHaveLength(168)
  expect(rows.filter(({ plays }) => plays !== 0)).toEqual([{ weekday: 1, hour: 10, plays: 2 }])
})

test('a streak lives until a whole day was silent', async ({ warehouse }) => {
  await addPlays(
    warehouse,
    ...['01', '02', '03', '05', '08', '09'].map((day): [string, string] => ['a', `2026-03-${day}T10:00:00`]),
  )
  const streaks = () => warehouse.query('select * from reporting.rpt_listening_streaks order by kind', [])
  const longest = { kind: 'longest', first_day: '2026-03-01', last_day: '2026-03-03', days: 3 }
  expect(await streaks()).toEqual([
    { kind: 'current', first_day: '2026-03-08', last_day: '2026-03-09', days: 2 },
    longest,
  ])
  await buildModels(warehouse, { now: () => new Date('2026-03-11T00:01:00.000Z') })
  expect(await streaks()).toEqual([longest])
})

test('seven days are calendar days, and are compared once there are seven before them', async ({ warehouse }) => {
  await addPlays(warehouse, ['a', '2026-02-20T10:00:00'], ['a', '2026-02-26T10:00:00'], ['a', '2026-03-05T10:00:00'])
  const trend = async (day: string) => {
    const [row] = await warehouse.query(
      'select plays, plays_change, plays_7_days, plays_7_days_change, plays_7_days_percent from reporting.rpt_listening_trends where day = cast(? as date)',
      [day],
    )
    return row && Object.values(row)
  }
  expect(await trend('2026-02-21')).toEqual([0, -1, null, null, null])
  expect(await trend('2026-02-26')).toEqual([1, 1, 2, null, null])
  expect(await trend('2026-03-05')).toEqual([1, 1, 1, -1, -50])
})

test('a session ends after 30 minutes of silence', async ({ warehouse }) => {
  // Each play lasts 200 seconds.
  await addPlays(warehouse, ['a', '2026-03-01T10:00:00'], ['b', '2026-03-01T10:33:20'], ['a', '2026-03-01T11:06:41'])
  const sessions = await warehouse.query(
    'select started_at, ended_at, plays, ms_played, tracks from analytical.fct_sessions order by 1',
    [],
  )
  expect(sessions).toEqual([
    {
      started_at: '2026-03-01T09:56:40.000Z',
      ended_at: '2026-03-01T10:33:20.000Z',
      plays: 2,
      ms_played: 400_000,
      tracks: 2,
    },
    {
      started_at: '2026-03-01T11:03:21.000Z',
      ended_at: '2026-03-01T11:06:41.000Z',
      plays: 1,
      ms_played: 200_000,
      tracks: 1,
    },
  ])
})

test('a late play joins two sessions, and its exclusion parts them', async ({ warehouse }) => {
  await addPlays(warehouse, ['a', '2026-03-01T23:30:00'], ['b', '2026-03-02T00:20:00'], ['b', '2026-03-08T10:00:00'])
  const count = async () => {
    expect((await buildModels(warehouse, { now })).full).toBeNull()
    return (await warehouse.query('select plays from analytical.fct_sessions order by started_at', [])).map(
      ({ plays }) => plays,
    )
  }
  expect(await count()).toEqual([1, 1, 1])
  const late = play('a', '2026-03-01T23:55:00.000Z', { synced_at: '2026-03-08T12:00:00.000Z' })
  await addRows(warehouse, { plays: [late] })
  expect(await count()).toEqual([3, 1])
  await addRows(warehouse, {
    excluded_plays: [
      {
        played_at: late.played_at ?? null,
        uri: late.uri ?? null,
        excluded: true,
        changed_at: '2026-03-09T00:00:00.000Z',
      },
    ],
  })
  expect(await count()).toEqual([1, 1, 1])
})

test('a year has its top song and artist, and artists that were new', async ({ warehouse }) => {
  await addRows(warehouse, { imported_plays: [importedPlay('a', '2025-12-31T22:00:00.000Z')] })
  await addPlays(warehouse, ['a', '2026-03-01T10:00:00'], ['b', '2026-03-01T10:05:00'], ['b', '2026-03-02T10:00:00'])
  const years = await warehouse.query(
    'select year, plays, days, new_artists, top_track_id, top_artist_id, top_album_id, longest_streak, busiest_day from reporting.rpt_year_recap order by year',
    [],
  )
  expect(years).toEqual([
    {
      year: 2025,
      plays: 1,
      days: 1,
      new_artists: 1,
      top_track_id: 'a',
      top_artist_id: 'artist-a',
      top_album_id: 'album-a',
      longest_streak: 1,
      busiest_day: '2025-12-31',
    },
    {
      year: 2026,
      plays: 3,
      days: 2,
      new_artists: 1,
      top_track_id: 'b',
      top_artist_id: 'artist-b',
      top_album_id: 'album-b',
      longest_streak: 2,
      busiest_day: '2026-03-01',
    },
  ])
})

test('library, playlists and rankings keep what changed when', async ({ warehouse }) => {
  const seen_at = '2026-03-05T00:00:00.000Z'
  await addRows(warehouse, {
    ...songRows('a'),
    user_saved_tracks_history: [{ id: 'a', change: 'added', seen_at }],
    user_followed_artists_history: [{ id: 'x', name: 'Someone', change: 'removed', seen_at }],
    user_playlists_stream: [{ id: 'list', name: 'Morning' }],
    user_playlist_items_history: [
      { playlist_id: 'list', uri: 'spotify:track:a', name: 'Song a', change: 'added', copies: 2, seen_at },
    ],
    user_top_tracks_mt_history: [{ day: '2026-03-04', rank: 3, id: 'a', name: 'Song a' }],
  })
  await buildModels(warehouse, { now })
  const rows = (sql: string) => warehouse.query(sql, [])
  expect(await rows('select kind, id, name, change from reporting.rpt_library_history order by kind')).toEqual([
    { kind: 'artist', id: 'x', name: 'Someone', change: 'removed' },
    { kind: 'song', id: 'a', name: 'Song a', change: 'added' },
  ])
  expect(await rows('select kind, playlist_name, name, copies from reporting.rpt_playlist_changes')).toEqual([
    { kind: 'song', playlist_name: 'Morning', name: 'Song a', copies: 2 },
  ])
  expect(await rows('select kind, time_range, day, position from reporting.rpt_rank_history')).toEqual([
    { kind: 'song', time_range: 'medium', day: '2026-03-04', position: 3 },
  ])
})
