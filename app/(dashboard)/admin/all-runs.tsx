'use client'

import { NativeSelect } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { useRouter } from 'next/navigation'
import { STATE_LABELS } from '#app/_ui/format-run.ts'
import { useLiveInterval } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { CancelButton, RerunButton } from '#app/_ui/run-buttons.tsx'
import { RunList } from '#app/_ui/run-list.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { AdminListenersResponse } from '#lib/api/admin.ts'
import { getAdminRuns } from '#lib/api/client.ts'
import { RUN_STATES } from '#lib/api/lists.ts'
import classes from './admin.module.css'
import { adminHref, runsQuery, type View } from './view.ts'

interface Props {
  view: View
  listeners: AdminListenersResponse['listeners']
}

/** Runs of all listeners, with buttons to re-run or cancel them. */
export function AllRuns({ view, listeners }: Props) {
  const router = useRouter()
  // A choice made before hydration would be lost.
  const isReady = useMounted()
  const { state, listener } = view
  const runs = useEndpoint(getAdminRuns, {
    query: runsQuery(view),
    every: useLiveInterval(),
  })
  const pageAt = (next: string | null) => adminHref({ ...view, cursor: next ?? undefined })
  // A changed filter starts at the newest run.
  const choose = (change: View) => router.push(adminHref({ ...view, cursor: undefined, ...change }), { scroll: false })
  const isShown = listeners.some(({ id }) => id === listener)
  return (
    <Panel
      title="Runs"
      action={
        <div className={classes.filters}>
          <NativeSelect
            aria-label="State"
            size="xs"
            disabled={!isReady}
            value={state ?? ''}
            onChange={(event) => choose({ state: event.currentTarget.value })}
            data={[
              { value: '', label: 'All states' },
              ...RUN_STATES.map((value) => ({ value, label: STATE_LABELS[value] })),
            ]}
          />
          <NativeSelect
            aria-label="Listener"
            size="xs"
            disabled={!isReady}
            value={listener ?? ''}
            onChange={(event) => choose({ listener: event.currentTarget.value })}
            data={[
              { value: '', label: 'All listeners' },
              ...listeners.map(({ id, name }) => ({ value: id, label: name })),
              ...(listener && !isShown ? [{ value: listener, label: 'On another page' }] : []),
            ]}
          />
        </div>
      }
    >
      <RunList
        query={runs}
        empty="No runs match these filters."
        pageAt={pageAt}
        isFirstPage={!view.cursor}
        listenerName={(id) => listeners.find((one) => one.id === id)?.name ?? id}
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
