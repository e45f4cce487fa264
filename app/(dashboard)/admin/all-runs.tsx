'use client'

import { NativeSelect } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { useRouter } from 'next/navigation'
import type { AdminListenersAnswer, RunStateWord, RunsAnswer } from '../../../lib/answers.ts'
import { useLiveInterval } from '../../_ui/me.tsx'
import { Panel } from '../../_ui/panel.tsx'
import { CancelButton, RerunButton } from '../../_ui/run-buttons.tsx'
import { RunList } from '../../_ui/run-list.tsx'
import { useAnswer } from '../../_ui/use-answer.ts'
import classes from './admin.module.css'

const PAGE_SIZE = 20

const STATES: RunStateWord[] = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'nothing new',
  'incomplete',
  'failed',
  'cancelled',
]

/** What the address says after the question mark; undefined is all. */
export interface RunFilter {
  state: string | undefined
  listener: string | undefined
  cursor: string | undefined
}

/** The filter as an address; another state or listener begins at the newest run again. */
function query(filter: Partial<RunFilter>): string {
  const given = Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return new URLSearchParams(given).toString()
}

interface Props {
  filter: RunFilter
  listeners: AdminListenersAnswer['listeners']
}

/** Runs of all listeners, with the buttons to run them again or to end them. */
export function AllRuns({ filter, listeners }: Props) {
  const router = useRouter()
  // A choice made before the page is ready would be lost.
  const isReady = useMounted()
  const answer = useAnswer<RunsAnswer>(`/api/admin/runs?limit=${PAGE_SIZE}&${query(filter)}`, {
    every: useLiveInterval(),
  })
  const { cursor, ...chosen } = filter
  const pageAt = (next: string | null) => `/admin?${query({ ...chosen, cursor: next ?? undefined })}`
  const choose = (change: Partial<RunFilter>) =>
    router.push(`/admin?${query({ ...chosen, ...change })}`, { scroll: false })
  return (
    <Panel
      title="Runs"
      action={
        <div className={classes.filters}>
          <NativeSelect
            aria-label="State"
            size="xs"
            disabled={!isReady}
            value={filter.state ?? ''}
            onChange={(event) => choose({ state: event.currentTarget.value })}
            data={[{ value: '', label: 'All states' }, ...STATES]}
          />
          <NativeSelect
            aria-label="Listener"
            size="xs"
            disabled={!isReady}
            value={filter.listener ?? ''}
            onChange={(event) => choose({ listener: event.currentTarget.value })}
            data={[
              { value: '', label: 'All listeners' },
              ...listeners.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        </div>
      }
    >
      <RunList
        answer={answer}
        empty="No run fits these filters."
        pageAt={pageAt}
        isFirstPage={!cursor}
        listenerName={(id) => listeners.find((listener) => listener.id === id)?.name}
        buttons={(run) => (
          <>
            <CancelButton run={run} />
            <RerunButton run={run} />
          </>
        )}
      />
    </Panel>
  )
}
