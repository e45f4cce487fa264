'use client'

import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { CopyableScript } from '#app/_ui/copyable.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { LakeResponse } from '#lib/api/lake.ts'
import classes from './lake.module.css'

const ENGINES = {
  athena: {
    label: 'Athena',
    note: 'Run the statements one after another: Athena takes one at a time. With a Glue database, Tracklake does this itself.',
  },
  snowflake: {
    label: 'Snowflake',
    note: 'External tables over your bucket. Fill in your IAM role first. With the Snowflake connection, tables are loaded instead.',
  },
} as const
type Engine = keyof typeof ENGINES

/** Statements that make the files tables of other engines. */
export function ScriptsPanel({ lake: { scripts, bucket } }: { lake: LakeResponse }) {
  const [engine, setEngine] = useState<Engine>('athena')
  const { label, note } = ENGINES[engine]
  return (
    <Panel
      title="Query them elsewhere"
      action={
        <SegmentedControl
          size="xs"
          aria-label="Engine"
          value={engine}
          onChange={(value) => setEngine(value as Engine)}
          data={Object.entries(ENGINES).map(([value, one]) => ({ value, label: one.label }))}
        />
      }
    >
      <div className={classes.stack}>
        <p className={classes.dimmed}>
          {note}
          {!bucket && ' Replace YOUR-BUCKET with a bucket that has the files.'}
        </p>
        <CopyableScript label={`Statements for ${label}`} button="Copy statements" text={scripts[engine]} />
      </div>
    </Panel>
  )
}
