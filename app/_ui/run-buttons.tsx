'use client'

import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useRouter } from 'next/navigation'
import { cancelRun, rerunRun, startRun } from '#lib/api/client.ts'
import type { OrderedRun, Run, RunChoice } from '#lib/api/runs.ts'
import { formatNumber } from './format.ts'
import { Link } from './link.tsx'
import { useAction } from './use-endpoint.ts'

type RunOfButton = Pick<Run, 'id' | 'state' | 'failed'>

function isOngoing({ state }: RunOfButton): boolean {
  return state === 'queued' || state === 'running' || state === 'waiting'
}

/** Cancels a run in progress. Loaded data stays. */
export function CancelButton({ run }: { run: RunOfButton }) {
  const { mutate, isPending } = useAction(cancelRun, { params: { id: run.id } })
  if (!isOngoing(run)) return null
  return (
    <Button variant="default" size="xs" loading={isPending} onClick={() => mutate()}>
      Cancel
    </Button>
  )
}

/** Notifies about requested streams that are not part of the new run. */
function showSkipped({ leftOut, underWay }: OrderedRun): void {
  if (leftOut.length + underWay.length === 0) return
  notifications.show({
    title: `${formatNumber(leftOut.length + underWay.length)} skipped`,
    message: (
      <>
        {leftOut.length > 0 && <div>Synced within the last 10 minutes: {leftOut.join(', ')}.</div>}
        {[...Map.groupBy(underWay, ({ run }) => run)].map(([run, streams]) => (
          <div key={run}>
            <Link href={`/runs/${run}`}>Already syncing</Link>: {streams.map(({ title }) => title).join(', ')}.
          </div>
        ))}
      </>
    ),
  })
}

/**
 * Re-runs the same streams as a new run. While the run is still in progress, for example because a stream waits for
 * hours, re-runs only the failed ones.
 */
export function RerunButton({ run, opens = false }: { run: RunOfButton; opens?: boolean }) {
  const router = useRouter()
  const { mutate, isPending } = useAction(rerunRun, {
    params: { id: run.id },
    onDone: (next) => {
      showSkipped(next)
      if (opens) router.push(`/runs/${next.id}`)
    },
  })
  const isPartial = isOngoing(run)
  if (isPartial && run.failed.length === 0) return null
  return (
    <Button
      variant="default"
      size="xs"
      loading={isPending}
      onClick={() => mutate(isPartial ? { streams: run.failed } : undefined)}
    >
      {isPartial ? 'Re-run failed' : 'Re-run'}
    </Button>
  )
}

/**
 * Re-runs one stream, or re-syncs it in full even if nothing changed, and opens the new run. While the run is still in
 * progress, only a failed stream can be re-run.
 */
export function StreamButtons({ run, stream }: { run: RunOfButton; stream: { name: string; title: string } }) {
  const router = useRouter()
  const { mutate, isPending, variables } = useAction(rerunRun, {
    params: { id: run.id },
    onDone: (next) => router.push(`/runs/${next.id}`),
  })
  const isPartial = isOngoing(run)
  if (isPartial && !run.failed.includes(stream.name)) return null
  const button = (label: string, rerun: RunChoice, title?: string) => (
    <Button
      variant="subtle"
      size="compact-xs"
      aria-label={`${label}: ${stream.title}`}
      title={title}
      loading={isPending && variables?.whole === rerun.whole}
      disabled={isPending}
      onClick={() => mutate(rerun)}
    >
      {label}
    </Button>
  )
  return (
    <>
      {button('Re-run', { streams: [stream.name] })}
      {!isPartial &&
        button('Full re-sync', { streams: [stream.name], whole: true }, 'Reads every page even if nothing changed')}
    </>
  )
}

/** Starts a run of all streams that were not read in the last minutes. */
export function SyncNowButton() {
  const { mutate, isPending } = useAction(startRun, { onDone: showSkipped })
  return (
    <Button size="sm" loading={isPending} onClick={() => mutate()}>
      Sync now
    </Button>
  )
}
