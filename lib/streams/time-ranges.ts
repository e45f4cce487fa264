/** The periods of the top lists; Spotify's boundaries are approximate. */
export const timeRanges = {
  st: { title: '4 weeks', param: 'short_term' },
  mt: { title: '6 months', param: 'medium_term' },
  lt: { title: '1 year', param: 'long_term' },
} as const

export type TimeRange = keyof typeof timeRanges
