import type { ChartName } from '#lib/api/client.ts'

export const CHARTS = [
  'minutes-per-day',
  'hours',
  'spotify-ranks',
  'song-charts',
  'history',
] as const satisfies ChartName[]
