import type { ComponentType } from 'react'
import {
  AdminIcon,
  ChartsIcon,
  ConnectionsIcon,
  DataIcon,
  HistoryIcon,
  ImportIcon,
  InsightsIcon,
  LibraryIcon,
  OverviewIcon,
  PlaylistsIcon,
  RecapIcon,
  RunsIcon,
  SettingsIcon,
  SqlIcon,
  TopIcon,
} from '#app/_ui/icons.tsx'
import type { MeResponse } from '#lib/api/me.ts'

export interface NavItem {
  label: string
  href: string
  /** Every address below it belongs to the item. */
  section: string
  Icon: ComponentType<{ size?: number }>
  adminOnly?: boolean
  /** Only shown to listeners with global charts. */
  needsCharts?: boolean
  /** Has a line above it: music, data and administration are separate groups. */
  startsGroup?: boolean
}

/** The items that a listener sees. */
export function navItemsFor({ isAdmin, hasCharts }: Pick<MeResponse, 'isAdmin' | 'hasCharts'>): NavItem[] {
  return NAV_ITEMS.filter(({ adminOnly, needsCharts }) => (isAdmin || !adminOnly) && (hasCharts || !needsCharts))
}

/** The sidebar's links, in order. */
const NAV_ITEMS: NavItem[] = [
  { label: 'Overview', href: '/overview', section: '/overview', Icon: OverviewIcon },
  { label: 'Top', href: '/top/tracks', section: '/top', Icon: TopIcon },
  { label: 'History', href: '/history', section: '/history', Icon: HistoryIcon },
  { label: 'Insights', href: '/insights', section: '/insights', Icon: InsightsIcon },
  { label: 'Recap', href: '/recap', section: '/recap', Icon: RecapIcon },
  { label: 'Library', href: '/library', section: '/library', Icon: LibraryIcon },
  { label: 'Playlists', href: '/playlists', section: '/playlists', Icon: PlaylistsIcon },
  { label: 'Charts', href: '/charts', section: '/charts', Icon: ChartsIcon, needsCharts: true },
  { label: 'Import', href: '/import', section: '/import', Icon: ImportIcon, startsGroup: true },
  { label: 'Data', href: '/data', section: '/data', Icon: DataIcon },
  { label: 'SQL', href: '/sql', section: '/sql', Icon: SqlIcon },
  { label: 'Sync', href: '/runs', section: '/runs', Icon: RunsIcon, startsGroup: true },
  { label: 'Connections', href: '/connections', section: '/connections', Icon: ConnectionsIcon },
  { label: 'Settings', href: '/settings', section: '/settings', Icon: SettingsIcon },
  { label: 'Admin', href: '/admin', section: '/admin', Icon: AdminIcon, adminOnly: true },
]
