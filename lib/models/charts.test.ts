import { expect } from 'vitest'
import type { Row } from '#lib/core/table.ts'
import { buildModels } from './build.ts'
import { addRows, play, settings, songRows, warehouseTest as test } from './fixtures.ts'

const now = () => new Date('2026-03-10T12:00:00.000Z')

const entry = (day: string, rank: number, id: string, more: Row = {}): Row => ({
  chart: 'regional-global-daily',
  day,
  rank,
  uri: `spotify:track:${id}`,
  track_id: id,
  name: `Song ${id}`,
  artist_names: 'Somebody',
  source: 'csv',
  ...more,
})

test('a chart of one day comes from the source that says most', async ({ warehouse }) => {
  const spotify = (day: string, id: string, added_at: string | null) => ({ day, rank: 1, id, name: id, added_at })
  await addRows(warehouse, {
    chart_entries: [
      entry('2026-03-03', 1, 'file'),
      entry('2026-03-03', 2, 'copy', { source: 'playlist' }),
      entry('2026-03-04', 1, 'copy', { source: 'playlist' }),
    ],
    global_top_tracks_daily_history: [
      // Read on the day after the one that the chart covers, twice.
      spotify('2026-03-04', 'spotify-1', '2026-03-04T09:00:00.000Z'),
      spotify('2026-03-06', 'spotify-2', '2026-03-06T09:00:00.000Z'),
      spotify('2026-03-07', 'spotify-3', '2026-03-06T09:00:00.000Z'),
    ],
    global_viral_tracks_daily_history: [spotify('2026-03-06', 'viral', null)],
  })
  await buildModels(warehouse, { now })
  const rows = await warehouse.query(
    'select chart, day, position, track_id, source from staging.stg_chart_entries order by chart, day, position',
    [],
  )
  const chart = 'regional-global-daily'
  expect(rows).toEqual([
    { chart, day: '2026-03-03', position: 1, track_id: 'file', source: 'csv' },
    { chart, day: '2026-03-04', position: 1, track_id: 'copy', source: 'playlist' },
    { chart, day: '2026-03-05', position: 1, track_id: 'spotify-3', source: 'spotify' },
    { chart: 'viral-global-daily', day: '2026-03-05', position: 1, track_id: 'viral', source: 'spotify' },
  ])
})

test('a song has its days, peak and own plays in each chart, also under another id of its recording', async ({
  warehouse,
}) => {
  const [charted, played] = [songRows('charted'), songRows('played')]
  const isrc = 'USAAA2600001'
  await addRows(warehouse, {
    settings: [settings()],
    tracks: [...charted.tracks, ...played.tracks].map((track) => ({ ...track, isrc })),
    artists: [...charted.artists, ...played.artists],
    albums: [...charted.albums, ...played.albums],
    plays: [play('played', '2026-03-01T10:00:00.000Z'), play('played', '2026-03-02T10:00:00.000Z')],
    chart_entries: [
      entry('2026-03-01', 7, 'charted', { peak_rank: 2, days_on_chart: 40 }),
      entry('2026-03-03', 9, 'charted', { peak_rank: 2, days_on_chart: 42 }),
      entry('2026-03-03', 1, 'new'),
    ],
  })
  await buildModels(warehouse, { now })
  const common = { chart: 'regional-global-daily', artist_names: 'Somebody' }
  expect(await warehouse.query('select * from reporting.rpt_chart_presence order by track_id', [])).toEqual([
    {
      ...common,
      track_id: 'charted',
      name: 'Song charted',
      first_day: '2026-03-01',
      last_day: '2026-03-03',
      known_times: 2,
      time_on_chart: 42,
      peak_position: 2,
      last_position: 9,
      plays: 2,
    },
    {
      ...common,
      track_id: 'new',
      name: 'Song new',
      first_day: '2026-03-03',
      last_day: '2026-03-03',
      known_times: 1,
      time_on_chart: 1,
      peak_position: 1,
      last_position: 1,
      plays: 0,
    },
  ])
})
