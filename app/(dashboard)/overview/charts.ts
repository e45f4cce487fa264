import type { ChartName } from '#lib/api/client.ts'

/** The charts of the page. Those of one request have the same parameters. */
export const PERIOD_CHARTS = [
  'overview-figures',
  'minutes-per-day',
  'recent-plays',
  'hour-of-week',
] as const satisfies ChartName[]
export const LISTS = ['top-songs', 'top-artists-played', 'top-albums'] as const satisfies ChartName[]
export const LIST_LENGTH = 5

/** Spotify's rankings, until the listener's own plays say more. */
export const RANKINGS = ['top-tracks', 'top-artists'] as const satisfies ChartName[]
export const RANKING_QUERY = { range: 'short', limit: String(LIST_LENGTH) } as const
