'use client'

import { Columns } from '#app/_ui/panel.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { AdminListenersResponse, AdminOverviewResponse, EncryptionKeys, InvitesResponse } from '#lib/api/admin.ts'
import { getAdminListeners, getAdminOverview } from '#lib/api/client.ts'
import { AllRuns } from './all-runs.tsx'
import { Invites } from './invites.tsx'
import { KeysPanel } from './keys-panel.tsx'
import { Listeners } from './listeners.tsx'
import { OpenAlerts } from './open-alerts.tsx'
import { Operation } from './operation.tsx'
import { SpotifyApps } from './spotify-apps.tsx'
import { MAX_LISTENERS, type View } from './view.ts'

interface Props {
  view: View
  /** Rendered by the server, so the first view only fetches the runs. */
  listeners: AdminListenersResponse
  overview: AdminOverviewResponse
  invites: InvitesResponse
  keys: EncryptionKeys
}

/** All runs, listeners, quota, health and audit: states and counts, never titles. */
export function Admin({ view, ...initial }: Props) {
  const { data: listeners = initial.listeners } = useEndpoint(getAdminListeners, {
    query: { limit: MAX_LISTENERS, cursor: view.listeners },
    initial: initial.listeners,
  })
  const { data: overview = initial.overview } = useEndpoint(getAdminOverview, { initial: initial.overview })
  return (
    <>
      <PageHeader title="Admin" />
      <OpenAlerts troubled={overview.troubled} />
      <AllRuns view={view} listeners={listeners.listeners} />
      <Listeners response={listeners} view={view} adminsAreSet={overview.adminsAreSet} />
      <Columns>
        <Invites initial={initial.invites} view={view} />
        <SpotifyApps apps={overview.apps} />
      </Columns>
      <KeysPanel initial={initial.keys} />
      <Operation overview={overview} />
    </>
  )
}
