'use client'

import type { RunsAnswer } from '../../../lib/answers.ts'
import { PageTop } from '../../_ui/frame/page-top.tsx'
import { useLiveInterval } from '../../_ui/me.tsx'
import { Panel } from '../../_ui/panel.tsx'
import { CancelButton, RerunButton, RunNowButton } from '../../_ui/run-buttons.tsx'
import { RunList } from '../../_ui/run-list.tsx'
import { useAnswer } from '../../_ui/use-answer.ts'

const PAGE_SIZE = 20

/** @param cursor where the page begins; undefined is the newest run */
export function Runs({ cursor }: { cursor: string | undefined }) {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(cursor ? { cursor } : {}) })
  const answer = useAnswer<RunsAnswer>(`/api/runs?${query}`, { every: useLiveInterval() })
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
