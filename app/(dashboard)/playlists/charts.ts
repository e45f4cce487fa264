import type { ChartName } from '#lib/api/client.ts'

/** All playlists, or one of them. */
export const PLAYLISTS = ['playlists'] as const satisfies ChartName[]

export const ITEMS = ['playlist-items'] as const satisfies ChartName[]

export const CHANGES = ['playlist-changes'] as const satisfies ChartName[]
