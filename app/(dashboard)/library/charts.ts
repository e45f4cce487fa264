import type { ChartName } from '#lib/api/client.ts'

export const TABS = ['songs', 'albums', 'artists'] as const
export type Tab = (typeof TABS)[number]

export const isTab = (name: string | undefined): name is Tab => TABS.some((tab) => tab === name)

/** The list of a tab. */
export const LISTS = {
  songs: 'liked-songs',
  albums: 'saved-albums',
  artists: 'followed-artists',
} as const satisfies Record<Tab, ChartName>

export const FIGURES = ['library-figures'] as const satisfies ChartName[]

/** What was added and removed. Spotify doesn't say when an artist was followed, so there are no months of artists. */
export const CHANGES = {
  songs: ['library-figures', 'library-months', 'library-changes'],
  albums: ['library-figures', 'library-months', 'library-changes'],
  artists: ['library-figures', 'library-changes'],
} as const satisfies Record<Tab, ChartName[]>
