import type { ChartName } from '#lib/api/client.ts'

export const CHARTS = ['minutes-per-day', 'hours', 'songs', 'history'] as const satisfies ChartName[]
