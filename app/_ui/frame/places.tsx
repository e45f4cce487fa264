import type { ComponentType } from 'react'
import { AdminIcon, ConnectionsIcon, OverviewIcon, RunsIcon, SettingsIcon, TopIcon } from '#app/_ui/icons.tsx'

export interface Place {
  word: string
  href: string
  /** Every address that starts with it belongs to the place. */
  below: string
  Icon: ComponentType<{ size?: number }>
  adminOnly?: boolean
}

/** What the rail leads to, in its order. */
export const PLACES: Place[] = [
  { word: 'Overview', href: '/overview', below: '/overview', Icon: OverviewIcon },
  { word: 'Top', href: '/top/tracks', below: '/top', Icon: TopIcon },
  { word: 'Runs', href: '/runs', below: '/runs', Icon: RunsIcon },
  { word: 'Connections', href: '/connections', below: '/connections', Icon: ConnectionsIcon },
  { word: 'Settings', href: '/settings', below: '/settings', Icon: SettingsIcon },
  { word: 'Admin', href: '/admin', below: '/admin', Icon: AdminIcon, adminOnly: true },
]
