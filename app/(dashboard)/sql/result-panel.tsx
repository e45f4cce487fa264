'use client'

import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { memo, useState } from 'react'
import { CopyButton } from '#app/_ui/copy-button.tsx'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Panel } from '#app/_ui/panel.tsx'
import { asProblem, requestFile } from '#app/_ui/request.ts'
import { FORMAT_LABELS } from '#app/_ui/table-catalog.ts'
import { runSql } from '#lib/api/client.ts'
import { FILE_FORMATS, type FileFormat } from '#lib/api/lists.ts'
import { clipboardText } from './cells.ts'
import { formatTook } from './format-took.ts'
import { ResultTable } from './result-table.tsx'
import classes from './sql.module.css'
import { QUERY_DEADLINE_MS, type RanQuery } from './use-sql.ts'

interface Props {
  ran: RanQuery | null
  /** Of the opened query, for files. */
  name: string | undefined
  isRunning: boolean
}

/** What the last query returned. It stays, dimmed, while the next one runs. */
export const ResultPanel = memo(function ResultPanel({ ran, name, isRunning }: Props) {
  if (!ran)
    return (
      <Panel title="Result">
        <p className={classes.empty}>{isRunning ? 'Running your query.' : 'Run a query to see its rows here.'}</p>
      </Panel>
    )
  const { columns, rows, truncated, ms } = ran.result
  return (
    <Panel
      title="Result"
      action={
        <>
          <span className={classes.dimmed} role="status">
            {truncated ? `First ${formatNumber(rows.length)} rows of more` : formatCount(rows.length, 'row')} ·{' '}
            {formatTook(ms)}
          </span>
          {rows.length > 0 && <CopyButton text={() => clipboardText(columns, rows)} />}
        </>
      }
    >
      <div className={classes.result} data-stale={isRunning}>
        {truncated && (
          <p className={classes.notice}>
            The page shows the first {formatNumber(rows.length)} rows. A download has all of them, up to 50 MB; or add{' '}
            <code>limit</code> or a <code>where</code> to the query.
          </p>
        )}
        {rows.length > 0 ? (
          <ResultTable key={ran.number} columns={columns} rows={rows} />
        ) : (
          <p className={classes.empty}>
            The query returned no rows. Its columns: {columns.map((column) => column.name).join(', ')}.
          </p>
        )}
        <Downloads ran={ran} name={name ?? 'query'} />
      </div>
    </Panel>
  )
})

/** The query is run once more for a file: it can have more rows than the page shows. */
function Downloads({ ran: { sql, params }, name }: { ran: RanQuery; name: string }) {
  const [pending, setPending] = useState<FileFormat | null>(null)
  async function download(format: FileFormat) {
    setPending(format)
    try {
      const file = await requestFile(runSql, {}, { body: { sql, params, format }, deadlineMs: QUERY_DEADLINE_MS })
      const { saveFile } = await import('#app/_ui/download/chart-files.ts')
      saveFile(`${name}.${format}`, file)
    } catch (error) {
      const { message, remedy } = asProblem(error)
      notifications.show({ color: 'rose', title: message, message: remedy })
    }
    setPending(null)
  }
  return (
    <p className={classes.downloads}>
      <span className={classes.dimmed}>Download</span>
      {FILE_FORMATS.map((format) => (
        <Button
          key={format}
          variant="default"
          size="xs"
          aria-label={`Download the result as ${FORMAT_LABELS[format]}`}
          loading={pending === format}
          disabled={pending !== null}
          onClick={() => download(format)}
        >
          {FORMAT_LABELS[format]}
        </Button>
      ))}
    </p>
  )
}
