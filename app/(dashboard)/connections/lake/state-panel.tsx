'use client'

import { Button, Progress, Switch } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import dynamic from 'next/dynamic'
import type { ReactNode } from 'react'
import { ActionProblem } from '#app/_ui/action-problem.tsx'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatCount, formatNumber, inSentences } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { StatusIcon, type StatusKind } from '#app/_ui/status-icon.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { publishLake, saveLake } from '#lib/api/client.ts'
import type { LakeResponse } from '#lib/api/lake.ts'
import type { LakeState } from '#lib/api/lists.ts'
import classes from './lake.module.css'

const StopDialog = dynamic(() => import('./stop-dialog.tsx').then((module) => module.StopDialog))

const STATUS: Record<LakeState, { kind: StatusKind; label: string }> = {
  off: { kind: 'unknown', label: 'off' },
  idle: { kind: 'good', label: 'published' },
  queued: { kind: 'busy', label: 'queued' },
  publishing: { kind: 'busy', label: 'publishing' },
  failed: { kind: 'bad', label: 'not complete' },
}

function lastText({ last, bucket }: LakeResponse): string {
  if (!last) return 'Nothing has been published yet.'
  if (last.written + last.removed === 0 && last.uploaded === 0) return 'Nothing had changed since the time before.'
  const written = `${formatCount(last.written, 'file')} had changed.`
  return bucket ? `${written} ${formatCount(last.uploaded, 'file')} went to the bucket.` : written
}

function StateText({ lake }: { lake: LakeResponse }) {
  const { state, problem, remedy, nextAt } = lake
  if (problem && state === 'failed')
    return (
      <span>
        {inSentences(problem)} <span className={classes.dimmed}>{inSentences(remedy)}</span>
        {nextAt && (
          <>
            {' '}
            Tracklake tries again <Moment at={nextAt} />.
          </>
        )}
      </span>
    )
  if (state === 'queued') return <span>Starts as soon as a worker is free.</span>
  return state === 'idle' ? <span>{lastText(lake)}</span> : null
}

function Running({ progress }: { progress: NonNullable<LakeResponse['progress']> }) {
  const { done, total } = progress
  const percent = total === 0 ? 0 : Math.round((100 * done) / total)
  return (
    <div className={classes.progress}>
      <Progress value={percent} aria-label="Published files" />
      <span className={classes.dimmed}>
        {total === 0 ? 'Preparing a copy' : `${percent} %`} · You can close this page.
      </span>
    </div>
  )
}

/** What it is, or how it is going, with the actions that need no form. */
export function StatePanel({ lake }: { lake: LakeResponse }) {
  const [isStopping, { open, close }] = useDisclosure()
  const publish = useAction(publishLake)
  const save = useAction(saveLake, { quiet: true })
  const isOff = lake.state === 'off'
  const isRunning = lake.state === 'queued' || lake.state === 'publishing'
  const facts: [label: string, fact: ReactNode][] = [
    ['Files', lake.files.length > 0 ? formatNumber(lake.files.length) : null],
    ['Last published', lake.publishedAt ? <Moment key="last" at={lake.publishedAt} /> : null],
    [
      'Bucket complete',
      lake.bucket ? lake.uploadedAt ? <Moment key="bucket" at={lake.uploadedAt} /> : 'not yet' : null,
    ],
    ['Next', lake.nextAt ? <Moment key="next" at={lake.nextAt} /> : isOff || isRunning ? null : 'when you publish'],
  ]
  return (
    <Panel
      title="Your tables as files"
      action={
        <>
          <Button size="sm" loading={publish.isPending} disabled={isRunning} onClick={() => publish.mutate(undefined)}>
            Publish now
          </Button>
          {!isOff && (
            <Button size="sm" variant="outline" color="rose" onClick={open}>
              Stop publishing
            </Button>
          )}
        </>
      }
    >
      {isOff ? (
        <p>
          Tracklake writes all your tables as Parquet, and your songs, albums and artists as CSV: to a folder on this
          server, and to an S3 bucket of yours if you connect one. Query them with Athena, DuckDB, Spark or Snowflake.
          After the first time, only files that changed are written, once a day.
        </p>
      ) : (
        <div className={classes.stack}>
          <div className={classes.state} role="status">
            <StatusIcon {...STATUS[lake.state]} />
            <StateText lake={lake} />
          </div>
          {lake.progress && <Running progress={lake.progress} />}
          <FactList facts={facts} />
          <Switch
            label="Publish every day"
            description="In the early morning, after the daily sync."
            checked={lake.daily}
            disabled={save.isPending}
            onChange={({ currentTarget }) => save.mutate({ daily: currentTarget.checked })}
          />
          <ActionProblem action={save} />
        </div>
      )}
      {isStopping && <StopDialog lake={lake} onClose={close} />}
    </Panel>
  )
}
