/** The periods of the top lists; Spotify's boundaries are approximate. */
export const TIME_RANGES = {
  short: {
    suffix: 'st',
    spotify: 'short_term',
    title: '4 weeks',
    meaning: 'Spotify’s ranking for about the last 4 weeks.',
  },
  medium: {
    suffix: 'mt',
    spotify: 'medium_term',
    title: '6 months',
    meaning: 'Spotify’s ranking for about the last 6 months.',
  },
  long: { suffix: 'lt', spotify: 'long_term', title: '1 year', meaning: 'Spotify’s ranking for about the last year.' },
} as const

export type TimeRange = keyof typeof TIME_RANGES
