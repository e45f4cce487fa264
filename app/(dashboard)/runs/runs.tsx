'use client'

import { PageTop } from '#app/_ui/frame/page-top.tsx'
import { useLiveInterval } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { CancelButton, RerunButton, RunNowButton } from '#app/_ui/run-buttons.tsx'
import { RunList } from '#app/_ui/run-list.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getRuns } from '#lib/api/client.ts'

const PAGE_SIZE = 20

/** @param cursor where the page begins; undefined is the newest run */
export function Runs({ cursor }: { cursor: string | undefined }) {
  const answer = useEndpoint(getRuns, { query: { limit: PAGE_SIZE, cursor }, every: useLiveInterval() })
  return (
    <>
      <PageTop title="Runs" />
      <Panel title="Timeline" action={<RunNowButton />}>
        <RunList
          answer={answer}
          empty="There was no run yet. The first one begins when you sign in, or with Run now."
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
