import type { SpotifyRankRow } from '#lib/charts/chart.ts'
import { TIME_RANGES } from '#lib/streams/time-ranges.ts'
import type { DrawingKind } from './drawing.ts'
import { rankCourses } from './rank-courses.tsx'

const order = Object.values(TIME_RANGES).map(({ title }) => title)

/** The ranks of one song or artist in Spotify's rankings, day by day. */
export const spotifyRanks: DrawingKind<SpotifyRankRow> = rankCourses({
  titleOf: ({ time_range }) => TIME_RANGES[time_range].title,
  header: 'Ranking',
  order,
  usual: order.length,
})
