'use client'

import { CopyButton } from '#app/_ui/copy-button.tsx'
import { Link } from '#app/_ui/link.tsx'
import { isActive } from '#app/_ui/me.tsx'
import { useNow } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { CancelButton, RerunButton, StreamButtons } from '#app/_ui/run-buttons.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { StreamLine } from '#app/_ui/stream-line.tsx'
import { CALM_MS, LIVE_MS, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getRun, getRunProgress } from '#lib/api/client.ts'
import type { RunDetailResponse, RunProgressResponse } from '#lib/api/runs.ts'
import { bugReport } from './bug-report.ts'
import { RawDetail } from './raw-detail.tsx'
import classes from './run-detail.module.css'
import { RunFacts } from './run-facts.tsx'

interface RunProps {
  run: RunDetailResponse
  progress: RunProgressResponse | undefined
}

function RunContent({ run, progress }: RunProps) {
  const now = useNow()
  return (
    <>
      <Panel
        title={`${run.kind === 'load' ? 'Load' : 'Sync'} ${run.id}`}
        action={
          <>
            <CancelButton run={run} />
            <RerunButton run={run} opens />
            <CopyButton label="Copy for a bug report" text={bugReport(run, progress?.lines ?? [])} />
          </>
        }
      >
        <RunFacts run={run} />
      </Panel>
      <Panel title="Progress">
        <ol className={classes.streams}>
          {run.streams.map((stream) => (
            <StreamLine
              key={stream.stream}
              kind={run.kind}
              stream={stream}
              progress={progress?.streams[stream.stream]}
              now={now}
              buttons={
                run.kind === 'extract' && (
                  <StreamButtons
                    run={run}
                    stream={{
                      name: stream.stream,
                      title: progress?.streams[stream.stream]?.title ?? stream.stream,
                    }}
                  />
                )
              }
            />
          ))}
        </ol>
      </Panel>
      <RawDetail run={run} progress={progress} />
    </>
  )
}

/** One run: facts, a line for each stream, and the log behind a disclosure. Updates live. */
export function RunDetail({ initial }: { initial: RunDetailResponse }) {
  const params = { id: initial.id }
  const detail = useEndpoint(getRun, {
    params,
    initial,
    every: (run) => (isActive(run?.state) ? LIVE_MS : CALM_MS),
  })
  const progress = useEndpoint(getRunProgress, {
    params,
    every: isActive(detail.data?.state) ? LIVE_MS : CALM_MS,
  })
  return (
    <>
      <PageHeader title="Sync" />
      <p>
        <Link href="/runs">All syncs</Link>
      </p>
      {detail.isPending ? (
        <Placeholder height={420} />
      ) : detail.data ? (
        <RunContent run={detail.data} progress={progress.data} />
      ) : (
        <ProblemPanel problem={asProblem(detail.error)} onRetry={() => detail.refetch()} />
      )}
    </>
  )
}
