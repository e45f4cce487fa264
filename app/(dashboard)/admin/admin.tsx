'use client'

import { PageTop } from '#app/_ui/frame/page-top.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { AdminListenersResponse, AdminOverviewResponse, InvitesResponse } from '#lib/api/admin.ts'
import { getAdminListeners, getAdminOverview } from '#lib/api/client.ts'
import { AllRuns } from './all-runs.tsx'
import { Invites } from './invites.tsx'
import { Listeners } from './listeners.tsx'
import { Operation } from './operation.tsx'
import { SpotifyApps } from './spotify-apps.tsx'
import { Troubled } from './troubled.tsx'
import { MOST_LISTENERS, type View } from './view.ts'

interface Props {
  view: View
  /** What the server knew when it rendered: the first view asks for the runs only. */
  listeners: AdminListenersResponse
  overview: AdminOverviewResponse
  invites: InvitesResponse
}

/** Everybody's runs, listeners, quota, health and audit: states and counts, never titles. */
export function Admin({ view, ...initial }: Props) {
  const { data: listeners = initial.listeners } = useEndpoint(getAdminListeners, {
    query: { limit: MOST_LISTENERS, cursor: view.listeners },
    initial: initial.listeners,
  })
  const { data: overview = initial.overview } = useEndpoint(getAdminOverview, { initial: initial.overview })
  return (
    <>
      <PageTop title="Admin" />
      <Troubled troubled={overview.troubled} />
      <AllRuns view={view} listeners={listeners.listeners} />
      <Listeners answer={listeners} view={view} adminsAreSet={overview.adminsAreSet} />
      <Columns>
        <Invites initial={initial.invites} view={view} />
        <SpotifyApps apps={overview.apps} />
      </Columns>
      <Operation overview={overview} />
    </>
  )
}
