import type { ChartName } from '#lib/api/client.ts'

/** The charts of the page and their parameters. */
export const CHARTS = ['figures', 'recent-plays', 'top-tracks', 'top-artists'] as const satisfies ChartName[]
/** The longest excerpt on the page. */
export const QUERY = { range: 'short', limit: '8' } as const
