'use client'

import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { inSentences } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { ConnectionsResponse } from '#lib/api/connections.ts'
import classes from './connections.module.css'

/** The listener's tables as files. */
export function LakePanel({ lake }: { lake: NonNullable<ConnectionsResponse['lake']> }) {
  const { state, bucket, publishedAt, problem, remedy } = lake
  if (state === 'off')
    return (
      <Panel
        title="Data lake"
        action={
          <Button component={Link} href="/connections/lake" variant="default">
            Set up
          </Button>
        }
      >
        <p>Your tables as Parquet and CSV files, in a folder on this server and in an S3 bucket of yours.</p>
        <p className={classes.detail}>For Athena, DuckDB, Spark and other tools that read files.</p>
      </Panel>
    )
  const facts: [label: string, fact: ReactNode][] = [
    ['State', state === 'failed' ? 'not complete' : state === 'idle' ? 'published' : state],
    ['Last published', publishedAt ? <Moment key="published" at={publishedAt} /> : 'never'],
    ['Bucket', bucket ?? 'none'],
  ]
  return (
    <Panel title="Data lake" action={<Link href="/connections/lake">Manage</Link>}>
      <FactList facts={facts} />
      {problem && <p className={classes.problem}>{inSentences(problem, remedy)}</p>}
    </Panel>
  )
}
