'use client'

import { Button } from '@mantine/core'
import { useRouter } from 'next/navigation'
import type { RunAnswer } from '../../lib/answers.ts'
import { useSend } from './use-answer.ts'

type Run = Pick<RunAnswer, 'id' | 'state'>

function isOpen({ state }: Run): boolean {
  return state === 'queued' || state === 'running' || state === 'waiting'
}

/** Ends a run that has not ended. What was loaded stays. */
export function CancelButton({ run }: { run: Run }) {
  const { mutate, isPending } = useSend<RunAnswer>('POST', `/api/runs/${run.id}/cancel`)
  if (!isOpen(run)) return null
  return (
    <Button variant="default" size="xs" loading={isPending} onClick={() => mutate()}>
      Cancel
    </Button>
  )
}

/** The same streams again, as a new run. */
export function RerunButton({ run, opens = false }: { run: Run; opens?: boolean }) {
  const router = useRouter()
  const { mutate, isPending } = useSend<RunAnswer>('POST', `/api/runs/${run.id}/rerun`, {
    onDone: (next) => opens && router.push(`/runs/${next.id}`),
  })
  if (isOpen(run)) return null
  return (
    <Button variant="default" size="xs" loading={isPending} onClick={() => mutate()}>
      Re-run
    </Button>
  )
}

/** All streams of the listener, now. */
export function RunNowButton() {
  const { mutate, isPending } = useSend<RunAnswer>('POST', '/api/runs')
  return (
    <Button size="sm" loading={isPending} onClick={() => mutate()}>
      Run now
    </Button>
  )
}
