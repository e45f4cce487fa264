'use client'

import { Panel } from '#app/_ui/panel.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { changeWarehouse } from '#lib/api/client.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import type { Cadence } from '#lib/warehouse/snowflake/setup/cost.ts'
import { CadenceChoice } from './cadence-choice.tsx'
import { MetadataSwitch } from './metadata-switch.tsx'
import { SavedNote } from './saved-note.tsx'
import classes from './snowflake.module.css'

/** Load frequency and metadata columns. Each choice is saved right away. */
export function CadencePanel({ warehouse }: { warehouse: SnowflakeResponse }) {
  const { mutate, isPending, isSuccess } = useAction(changeWarehouse)
  return (
    <Panel title="Loading" action={<SavedNote isSaved={isSuccess && !isPending} />}>
      <div className={classes.stack}>
        <CadenceChoice
          cadence={warehouse.cadence}
          secondsPerLoad={warehouse.secondsPerLoad}
          disabled={isPending}
          onChange={(cadence: Cadence) => mutate({ cadence })}
        />
        <MetadataSwitch
          checked={warehouse.addRecordMetadata}
          disabled={isPending}
          onChange={(addRecordMetadata) => mutate({ addRecordMetadata })}
        />
      </div>
    </Panel>
  )
}
