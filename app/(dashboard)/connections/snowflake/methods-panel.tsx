'use client'

import { NativeSelect } from '@mantine/core'
import { Panel } from '#app/_ui/panel.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { changeWarehouse } from '#lib/api/client.ts'
import type { LoadMethod } from '#lib/api/lists.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import { Kept } from './kept.tsx'
import classes from './snowflake.module.css'

const METHODS: Record<LoadMethod, string> = {
  overwrite: 'Overwrite: what the last read saw',
  append: 'Append: the rows of every read',
  upsert: 'Upsert: renewed by key, none removed',
}

/** How each stream's rows enter its table; each choice is kept at once. */
export function MethodsPanel({ warehouse: { methods } }: { warehouse: SnowflakeResponse }) {
  const { mutate, isPending, isSuccess } = useAction(changeWarehouse)
  return (
    <Panel title="Load methods" action={<Kept isKept={isSuccess && !isPending} />}>
      <div className={classes.stack}>
        <p className={classes.dimmed}>
          As proposed, each table stays equal to the copy that the pages read. Another method counts from the next load
          on, and its table is no longer compared.
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
