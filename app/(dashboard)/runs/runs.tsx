'use client'

import { useLiveInterval } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { CancelButton, RerunButton, SyncNowButton } from '#app/_ui/run-buttons.tsx'
import { RunList } from '#app/_ui/run-list.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getRuns } from '#lib/api/client.ts'
import { PAGE_SIZE } from './page-size.ts'

/** @param cursor start of the page; undefined is the newest run */
export function Runs({ cursor }: { cursor: string | undefined }) {
  const runs = useEndpoint(getRuns, { query: { limit: PAGE_SIZE, cursor }, every: useLiveInterval() })
  return (
    <>
      <PageHeader title="Sync" />
      <Panel title="Sync history" action={<SyncNowButton />}>
        <RunList
          query={runs}
          empty="No syncs yet. The first one starts when you sign in, or with Sync now."
          pageAt={(next) => (next ? `/runs?cursor=${encodeURIComponent(next)}` : '/runs')}
          isFirstPage={cursor === undefined}
          buttons={(run) => (
            <>
              <CancelButton run={run} />
              <RerunButton run={run} />
            </>
          )}
        />
      </Panel>
    </>
  )
}
