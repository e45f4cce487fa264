'use client'

import type { AdminListenersAnswer } from '../../../lib/answers.ts'
import { PageTop } from '../../_ui/frame/page-top.tsx'
import { useAnswer } from '../../_ui/use-answer.ts'
import { AllRuns, type RunFilter } from './all-runs.tsx'
import { Listeners } from './listeners.tsx'
import { Operation } from './operation.tsx'

/** Everybody's runs, listeners, quota, health and audit: states and counts, never titles. */
export function Admin(filter: RunFilter) {
  const listeners = useAnswer<AdminListenersAnswer>('/api/admin/listeners')
  return (
    <>
      <PageTop title="Admin" />
      <AllRuns filter={filter} listeners={listeners.data?.listeners ?? []} />
      <Listeners answer={listeners} />
      <Operation />
    </>
  )
}
