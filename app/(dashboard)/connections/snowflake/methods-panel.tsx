'use client'

import { NativeSelect } from '@mantine/core'
import { Panel } from '#app/_ui/panel.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { changeWarehouse } from '#lib/api/client.ts'
import type { LoadMethod } from '#lib/api/lists.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import { SavedNote } from './saved-note.tsx'
import classes from './snowflake.module.css'

const METHODS: Record<LoadMethod, string> = {
  overwrite: 'Overwrite: the latest state only',
  append: 'Append: every sync adds rows',
  upsert: 'Upsert: update by key, remove nothing',
}

/** How each stream's rows enter its table. Each choice is saved right away. */
export function MethodsPanel({ warehouse: { methods } }: { warehouse: SnowflakeResponse }) {
  const { mutate, isPending, isSuccess } = useAction(changeWarehouse)
  return (
    <Panel title="Load methods" action={<SavedNote isSaved={isSuccess && !isPending} />}>
      <div className={classes.stack}>
        <p className={classes.dimmed}>
          With the suggested methods, each table matches the copy that Tracklake’s pages read. A different method
          applies from the next load on, and its table is no longer compared.
        </p>
        <div className={classes.methods}>
          {methods.map(({ stream, title, method, choices }) => (
            <NativeSelect
              key={stream}
              label={title}
              data={choices.map((value) => ({ value, label: METHODS[value] }))}
              value={method}
              disabled={isPending || choices.length < 2}
              onChange={({ currentTarget: { value } }) => {
                const chosen = choices.find((choice) => choice === value)
                if (chosen) mutate({ methods: { [stream]: chosen } })
              }}
            />
          ))}
        </div>
      </div>
    </Panel>
  )
}
