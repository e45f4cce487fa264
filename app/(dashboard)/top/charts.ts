import type { ChartName } from '#lib/api/client.ts'

export const LISTS = ['tracks', 'artists', 'albums'] as const
export type List = (typeof LISTS)[number]

/** Of which Spotify has a ranking. */
export type Ranked = Exclude<List, 'albums'>

export const isRanked = (list: List): list is Ranked => list !== 'albums'

/** The charts of Spotify's ranking. */
export function rankingCharts(list: Ranked) {
  return [`top-${list}`, `top-${list}-ranks`] as const
}

/** The list of the listener's own plays. */
export const OWN_CHARTS = {
  tracks: 'top-songs',
  artists: 'top-artists-played',
  albums: 'top-albums',
} as const satisfies Record<List, ChartName>

/** How the top 10 by own plays developed. */
export const RANK_LINES = 'rank-lines' satisfies ChartName
