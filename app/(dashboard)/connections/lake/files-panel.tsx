'use client'

import { Button } from '@mantine/core'
import { formatBytes, formatNumber } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { ScrollTable } from '#app/_ui/scroll-table.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import type { LakeFile, LakeResponse } from '#lib/api/lake.ts'
import classes from './lake.module.css'

function FileLine({ file, hasBucket }: { file: LakeFile; hasBucket: boolean }) {
  const { path, rows, bytes, publishedAt, inBucket } = file
  return (
    <tr>
      <th scope="row" className={classes.path}>
        {path}
      </th>
      <td data-numeric>{rows === null ? '–' : formatNumber(rows)}</td>
      <td data-numeric>{formatBytes(bytes)}</td>
      <td>
        <Moment at={publishedAt} />
      </td>
      {hasBucket && (
        <td>
          <StatusIcon kind={inBucket ? 'good' : 'waiting'} label={inBucket ? 'in the bucket' : 'waits'} />
        </td>
      )}
    </tr>
  )
}

/** All published files, and how to get them without AWS. */
export function FilesPanel({ lake: { files, bucket, folder } }: { lake: LakeResponse }) {
  return (
    <Panel
      title="Files"
      action={
        <Button component="a" href="/api/lake/files.zip" download size="xs" variant="default">
          Download all
        </Button>
      }
    >
      <div className={classes.stack}>
        {folder && (
          <p className={classes.dimmed}>
            On this server: <code>{folder}</code>
          </p>
        )}
        <ScrollTable label="published files">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col" data-numeric>
                Rows
              </th>
              <th scope="col" data-numeric>
                Size
              </th>
              <th scope="col">Changed</th>
              {bucket && <th scope="col">Bucket</th>}
            </tr>
          </thead>
          <tbody>
            {files.map((file) => (
              <FileLine key={file.path} file={file} hasBucket={bucket !== null} />
            ))}
          </tbody>
        </ScrollTable>
      </div>
    </Panel>
  )
}
