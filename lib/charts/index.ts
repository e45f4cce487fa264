import { calendar } from './calendar.ts'
import type { Chart } from './chart.ts'
import { discovery } from './discovery.ts'
import { figures } from './figures.ts'
import { genreShares, genreSources, topGenres } from './genres.ts'
import { chartEditions, globalChartLines, globalCharts, songCharts } from './global-charts.ts'
import { history } from './history.ts'
import { lastWeek } from './last-week.ts'
import { followedArtistsList, likedSongs, savedAlbumsList } from './library.ts'
import { libraryChanges, libraryFigures, libraryMonths } from './library-changes.ts'
import { daysOfMonth, hourOfWeek, hours, months, weekdays, weeks, years } from './listening-bars.ts'
import { minutesPerDay } from './minutes-per-day.ts'
import { albums, songs } from './music-lists.ts'
import { overviewFigures } from './overview-figures.ts'
import { topAlbums, topArtistsPlayed, topSongs } from './own-plays.ts'
import { ownRankLines } from './own-rank-lines.ts'
import { playlistChanges, playlistContents, playlists } from './playlists.ts'
import { topArtistsRanks, topTracksRanks } from './rank-lines.ts'
import { recap, recapMoments, recapMonths, recapNewArtists, recapYears } from './recap.ts'
import { recentPlays } from './recent-plays.ts'
import { sessionFigures, sessions } from './sessions.ts'
import { spotifyRanks } from './spotify-ranks.ts'
import { streaks } from './streaks.ts'
import { topArtists } from './top-artists.ts'
import { topTracks } from './top-tracks.ts'
import { trend } from './trend.ts'

/** All charts, by the name in their address. */
export const charts = {
  'overview-figures': overviewFigures,
  'minutes-per-day': minutesPerDay,
  'top-songs': topSongs,
  'top-artists-played': topArtistsPlayed,
  'top-albums': topAlbums,
  'top-genres': topGenres,
  'genre-shares': genreShares,
  'genre-sources': genreSources,
  'rank-lines': ownRankLines,
  history,
  songs,
  albums,
  'spotify-ranks': spotifyRanks,
  weekdays,
  hours,
  'days-of-month': daysOfMonth,
  weeks,
  months,
  years,
  'hour-of-week': hourOfWeek,
  calendar,
  trend,
  streaks,
  discovery,
  sessions,
  'session-figures': sessionFigures,
  'liked-songs': likedSongs,
  'saved-albums': savedAlbumsList,
  'followed-artists': followedArtistsList,
  'library-figures': libraryFigures,
  'library-months': libraryMonths,
  'library-changes': libraryChanges,
  playlists,
  'playlist-items': playlistContents,
  'playlist-changes': playlistChanges,
  'global-charts': globalCharts,
  'global-chart-lines': globalChartLines,
  'chart-editions': chartEditions,
  'song-charts': songCharts,
  recap,
  'recap-months': recapMonths,
  'recap-moments': recapMoments,
  'recap-new-artists': recapNewArtists,
  'recap-years': recapYears,
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

/** Charts that a request about a period means by the name of another. */
const PERIOD_CHARTS: Partial<Record<ChartName, ChartName>> = { 'top-artists': 'top-artists-played' }

/** The chart that a request means. Spotify's ranking and the listener's own plays share a name. */
export function chartMeant(name: ChartName, requested: Record<string, string>): ChartName {
  return ('period' in requested || 'from' in requested ? PERIOD_CHARTS[name] : undefined) ?? name
}

/** The names of all charts. */
export const chartNames = Object.keys(charts).filter(isChartName)
