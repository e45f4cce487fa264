'use client'

import { Button } from '@mantine/core'
import { Bar } from '#app/_ui/bar.tsx'
import { formatBytes, formatTimeLeft, inSentences } from '#app/_ui/format.ts'
import { Panel } from '#app/_ui/panel.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { cancelImport } from '#lib/api/client.ts'
import type { ImportOverview } from '#lib/api/imports.ts'
import classes from './import.module.css'
import { ImportNames } from './import-item.tsx'
import { QuestionForm } from './question-form.tsx'

/** The import that is being worked on, or waits for an answer. */
export function OpenImport({ one }: { one: ImportOverview }) {
  const { mutate, isPending } = useAction(cancelImport, { params: { id: one.id } })
  return (
    <Panel title={one.removing ? 'Removing' : 'Importing'}>
      <div className={classes.progress}>
        <ImportNames names={one.names} />
        {one.question && !one.removing ? <QuestionForm id={one.id} question={one.question} /> : <Progress one={one} />}
        {one.problem && <p role="alert">{inSentences(one.problem, one.remedy)}</p>}
        {!one.removing && (
          <Button variant="default" size="xs" loading={isPending} onClick={() => mutate(undefined)}>
            Cancel import
          </Button>
        )}
      </div>
    </Panel>
  )
}

function Progress({ one }: { one: ImportOverview }) {
  const { done, total, secondsLeft } = one.progress
  const isReading = one.state === 'reading' && total > 0
  const percent = isReading ? Math.min(100, Math.floor((100 * done) / total)) : null
  const title = titleOf(one)
  return (
    <>
      <p className={classes.progressTitle} role="status">
        {title}
        {percent !== null && `, ${percent}%`}
      </p>
      <Bar label={title} percent={percent} text={percent === null ? title : `${percent}%`} />
      <p className={classes.dimmed}>
        {isReading && `${formatBytes(done)} of ${formatBytes(total)} · `}
        {isReading && secondsLeft !== null && secondsLeft > 0 && (
          <>
            {formatBytes((total - done) / secondsLeft)} a second · {formatTimeLeft(secondsLeft)} ·{' '}
          </>
        )}
        You can close this page.
      </p>
    </>
  )
}

function titleOf({ state, removing }: ImportOverview): string {
  if (removing) return 'Removing plays from your charts and tables'
  if (state === 'queued') return 'Waiting to start'
  return state === 'reading' ? 'Reading your files' : 'Adding the plays to your charts'
}
