import type { Chart } from './chart.ts'
import { figures } from './figures.ts'
import { lastWeek } from './last-week.ts'
import { topArtistsRanks, topTracksRanks } from './rank-lines.ts'
import { recentPlays } from './recent-plays.ts'
import { topArtists } from './top-artists.ts'
import { topTracks } from './top-tracks.ts'

/** All charts, by the name in their address. */
export const charts = {
  figures,
  'last-week': lastWeek,
  'recent-plays': recentPlays,
  'top-tracks': topTracks,
  'top-artists': topArtists,
  'top-tracks-ranks': topTracksRanks,
  'top-artists-ranks': topArtistsRanks,
} as const satisfies Record<string, Chart>

export type ChartName = keyof typeof charts

export const isChartName = (name: string): name is ChartName => Object.hasOwn(charts, name)

/** The names of all charts. */
export const chartNames = Object.keys(charts).filter(isChartName)
