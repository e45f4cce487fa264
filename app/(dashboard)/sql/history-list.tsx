'use client'

import { Button } from '@mantine/core'
import { formatCount } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import { useAction, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { clearSqlHistory, getSqlHistory } from '#lib/api/client.ts'
import type { SqlRun } from '#lib/api/sql.ts'
import { formatTook } from './format-took.ts'
import classes from './sidebar.module.css'

const OUTCOMES: Record<SqlRun['outcome'], string> = {
  done: '',
  refused: 'refused',
  'too-slow': 'too slow',
  'too-much-memory': 'too much memory',
  cancelled: 'canceled',
  failed: 'failed',
}

/** The last queries that were run on this page. A click puts one back into the editor. */
export function HistoryList({ onPick }: { onPick: (sql: string) => void }) {
  const { data, isPending, error, refetch } = useEndpoint(getSqlHistory, { every: false })
  const clear = useAction(clearSqlHistory)
  if (isPending) return <RowsPlaceholder rows={5} rowHeight={56} />
  if (!data) return <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
  if (data.runs.length === 0) return <p className={classes.empty}>Nothing run yet.</p>
  return (
    <>
      <ul className={classes.list}>
        {data.runs.map((run) => (
          <li key={run.id}>
            <button
              type="button"
              className={classes.pick}
              title={run.message ?? undefined}
              onClick={() => onPick(run.sql)}
            >
              <code className={classes.sql}>{run.sql.trim()}</code>
              <span className={classes.about}>
                <Moment at={run.startedAt} /> · {run.outcome === 'done' ? resultOf(run) : <Outcome run={run} />}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Button
        variant="default"
        size="compact-sm"
        className={classes.clear}
        loading={clear.isPending}
        onClick={() => clear.mutate()}
      >
        Clear history
      </Button>
    </>
  )
}

function resultOf({ rows, truncated, ms }: SqlRun): string {
  return `${formatCount(rows ?? 0, 'row')}${truncated ? ' of more' : ''} in ${formatTook(ms)}`
}

function Outcome({ run: { outcome } }: { run: SqlRun }) {
  if (outcome === 'cancelled') return OUTCOMES[outcome]
  return <StatusIcon kind="bad" label={OUTCOMES[outcome]} />
}
