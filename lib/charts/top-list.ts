import { z } from 'zod'

/** Spotify's three ranges; the words on the pages and what Spotify means by them. */
export const RANGES = {
  short: { suffix: 'st', label: '4 weeks', meaning: 'Spotify counts about the last four weeks.' },
  medium: { suffix: 'mt', label: '6 months', meaning: 'Spotify counts about the last six months.' },
  long: { suffix: 'lt', label: '1 year', meaning: 'Spotify counts about the last year.' },
} as const

export type Range = keyof typeof RANGES

export const RangeParams = z.object({ range: z.enum(['short', 'medium', 'long']).default('short') })

/** The stream table of a top list, for example `user_top_tracks_st_stream`. */
export function topTable(what: 'tracks' | 'artists', range: Range): string {
  return `user_top_${what}_${RANGES[range].suffix}_stream`
}

/** Its daily partitions, for example `user_top_tracks_st_history`. */
export function topHistory(what: 'tracks' | 'artists', range: Range): string {
  return `user_top_${what}_${RANGES[range].suffix}_history`
}
