import type { Chart } from './chart.ts'
import { figures } from './figures.ts'
import { lastWeek } from './last-week.ts'
import { topArtistsRanks, topTracksRanks } from './rank-lines.ts'
import { recentPlays } from './recent-plays.ts'
import { topArtists } from './top-artists.ts'
import { topTracks } from './top-tracks.ts'

/** All charts, by the name in their address. */
export const charts: Record<string, Chart> = {
  figures,
  'last-week': lastWeek,
  'recent-plays': recentPlays,
  'top-tracks': topTracks,
  'top-artists': topArtists,
  'top-tracks-ranks': topTracksRanks,
  'top-artists-ranks': topArtistsRanks,
}
