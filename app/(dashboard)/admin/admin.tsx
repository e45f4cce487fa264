'use client'

import type { AdminListenersAnswer, AdminOverviewAnswer, InvitesAnswer } from '../../../lib/answers.ts'
import { PageTop } from '../../_ui/frame/page-top.tsx'
import { Columns } from '../../_ui/panel.tsx'
import { useAnswer } from '../../_ui/use-answer.ts'
import { AllRuns, type RunFilter } from './all-runs.tsx'
import { Invites } from './invites.tsx'
import { Listeners } from './listeners.tsx'
import { Operation } from './operation.tsx'
import { SpotifyApps } from './spotify-apps.tsx'
import { Troubled } from './troubled.tsx'

interface Props {
  filter: RunFilter
  /** What the server knew when it rendered: the first view asks for the runs only. */
  listeners: AdminListenersAnswer
  overview: AdminOverviewAnswer
  invites: InvitesAnswer
}

/** Everybody's runs, listeners, quota, health and audit: states and counts, never titles. */
export function Admin({ filter, ...initial }: Props) {
  const { data: listeners = initial.listeners } = useAnswer<AdminListenersAnswer>('/api/admin/listeners?limit=100', {
    initial: initial.listeners,
  })
  const { data: overview = initial.overview } = useAnswer<AdminOverviewAnswer>('/api/admin/overview', {
    initial: initial.overview,
  })
  return (
    <>
      <PageTop title="Admin" />
      <Troubled troubled={overview.troubled} />
      <AllRuns filter={filter} listeners={listeners.listeners} />
      <Listeners listeners={listeners.listeners} adminsAreSet={overview.adminsAreSet} />
      <Columns>
        <Invites initial={initial.invites} />
        <SpotifyApps apps={overview.apps} />
      </Columns>
      <Operation overview={overview} />
    </>
  )
}
