import type { ChartName } from '#lib/api/client.ts'

export const LISTS = ['tracks', 'artists', 'albums', 'genres'] as const
export type List = (typeof LISTS)[number]

/** Of which Spotify has a ranking. */
export type Ranked = Exclude<List, 'albums' | 'genres'>

export const isRanked = (list: List): list is Ranked => list === 'tracks' || list === 'artists'

/** The charts of Spotify's ranking. */
export function rankingCharts(list: Ranked) {
  return [`top-${list}`, `top-${list}-ranks`] as const
}

/** The list of the listener's own plays. */
export const OWN_CHARTS = {
  tracks: 'top-songs',
  artists: 'top-artists-played',
  albums: 'top-albums',
  genres: 'top-genres',
} as const satisfies Record<List, ChartName>

/** The charts of the listener's own plays. One genre's artists have no rank lines: those are of all artists. */
export function ownCharts(list: List, genre: string | undefined) {
  if (list === 'genres') return [OWN_CHARTS.genres, RANK_LINES, GENRE_SOURCES] as const
  return genre ? ([OWN_CHARTS[list]] as const) : ([OWN_CHARTS[list], RANK_LINES] as const)
}

/** Whose plays have a genre, by source. */
export const GENRE_SOURCES = 'genre-sources' satisfies ChartName

/** How the top 10 by own plays developed. */
export const RANK_LINES = 'rank-lines' satisfies ChartName
