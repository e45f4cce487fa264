'use client'

import { Panel } from '#app/_ui/panel.tsx'
import { useSend } from '#app/_ui/use-answer.ts'
import type { CadenceWord, SnowflakeAnswer, SnowflakeSettingsChange } from '#lib/api/answers.ts'
import { SETTINGS } from './addresses.ts'
import { CadenceChoice } from './cadence-choice.tsx'
import { MetadataSwitch } from './metadata-switch.tsx'
import { SavedNote } from './saved-note.tsx'
import classes from './snowflake.module.css'

/** Load frequency and metadata columns. Each choice is saved right away. */
export function CadencePanel({ warehouse }: { warehouse: SnowflakeAnswer }) {
  const { mutate, isPending, isSuccess } = useSend<SnowflakeAnswer, SnowflakeSettingsChange>('PUT', SETTINGS)
  return (
    <Panel title="Loading" action={<SavedNote isSaved={isSuccess && !isPending} />}>
      <div className={classes.stack}>
        <CadenceChoice
          cadence={warehouse.cadence}
          secondsPerLoad={warehouse.secondsPerLoad}
          disabled={isPending}
          onChange={(cadence: CadenceWord) => mutate({ cadence })}
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
