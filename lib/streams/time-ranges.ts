/** How far back a top list looks; Spotify counts roughly. */
export const timeRanges = {
  st: { title: '4 weeks', asked: 'short_term' },
  mt: { title: '6 months', asked: 'medium_term' },
  lt: { title: '1 year', asked: 'long_term' },
} as const

export type TimeRange = keyof typeof timeRanges
