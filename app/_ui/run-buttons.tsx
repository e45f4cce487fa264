'use client'

import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { cancelRun, rerunRun, startRun } from '#lib/api/client.ts'
import type { OrderedRun, Run, RunChoice } from '#lib/api/runs.ts'
import { formatCount } from './format.ts'
import { useAction } from './use-endpoint.ts'

type RunOfButton = Pick<Run, 'id' | 'state'>

function isOpen({ state }: RunOfButton): boolean {
  return state === 'queued' || state === 'running' || state === 'waiting'
}

/** Ends a run that has not ended. What was loaded stays. */
export function CancelButton({ run }: { run: RunOfButton }) {
  const { mutate, isPending } = useAction(cancelRun, { params: { id: run.id } })
  if (!isOpen(run)) return null
  return (
    <Button variant="default" size="xs" loading={isPending} onClick={() => mutate()}>
      Cancel
    </Button>
  )
}

/** Says what was ordered and is not in the run. */
function sayLeftOut({ leftOut, underWay }: OrderedRun): void {
  if (leftOut.length + underWay.length === 0) return
  notifications.show({
    title: `${formatCount(leftOut.length + underWay.length, 'stream')} left out`,
    message: (
      <>
        {leftOut.length > 0 && <div>Read within the last 10 minutes: {leftOut.join(', ')}.</div>}
        {[...Map.groupBy(underWay, ({ run }) => run)].map(([run, streams]) => (
          <div key={run}>
            <Link href={`/runs/${run}`}>Already under way</Link>: {streams.map(({ title }) => title).join(', ')}.
          </div>
        ))}
      </>
    ),
  })
}

/** The same streams again, as a new run. */
export function RerunButton({ run, opens = false }: { run: RunOfButton; opens?: boolean }) {
  const router = useRouter()
  const { mutate, isPending } = useAction(rerunRun, {
    params: { id: run.id },
    onDone: (next) => {
      sayLeftOut(next)
      if (opens) router.push(`/runs/${next.id}`)
    },
  })
  if (isOpen(run)) return null
  return (
    <Button variant="default" size="xs" loading={isPending} onClick={() => mutate()}>
      Re-run
    </Button>
  )
}

/** One stream of a run again: as usual, or whole whatever its head says. Opens the new run. */
export function StreamButtons({ run, stream, title }: { run: RunOfButton; stream: string; title: string }) {
  const router = useRouter()
  const { mutate, isPending, variables } = useAction(rerunRun, {
    params: { id: run.id },
    onDone: (next) => router.push(`/runs/${next.id}`),
  })
  if (isOpen(run)) return null
  const button = (word: string, order: RunChoice) => (
    <Button
      variant="subtle"
      size="compact-xs"
      aria-label={`${word}: ${title}`}
      loading={isPending && variables?.whole === order.whole}
      disabled={isPending}
      onClick={() => mutate(order)}
    >
      {word}
    </Button>
  )
  return (
    <>
      {button('Re-run', { streams: [stream] })}
      {button('Read whole', { streams: [stream], whole: true })}
    </>
  )
}

/** All streams of the listener that were not read a moment ago, now. */
export function RunNowButton() {
  const { mutate, isPending } = useAction(startRun, { onDone: sayLeftOut })
  return (
    <Button size="sm" loading={isPending} onClick={() => mutate()}>
      Run now
    </Button>
  )
}
