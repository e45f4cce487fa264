'use client'

import { Button, Modal, Radio } from '@mantine/core'
import { useState } from 'react'
import { CopyableScript } from '#app/_ui/copyable.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { disconnectWarehouse } from '#lib/api/client.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import { commentOf, dropNames, dropScript, dropTablesScript } from '#lib/warehouse/snowflake/setup/script.ts'
import classes from './snowflake.module.css'

const TABLE_OPTIONS = [
  { value: 'leave', label: 'Leave them as they are (no longer updated)' },
  { value: 'tables', label: 'Drop the tables with a script' },
  { value: 'everything', label: 'Run a script that drops what the setup script created, except the database' },
] as const

type TableOption = (typeof TABLE_OPTIONS)[number]['value']

/** Ends the connection. Tracklake never drops tables itself: the listener runs a script. */
export function DisconnectDialog({ warehouse, onClose }: { warehouse: SnowflakeResponse; onClose: () => void }) {
  const { serving } = useMe()
  const [option, setOption] = useState<TableOption>('leave')
  const { mutate, isPending, error } = useAction(disconnectWarehouse, { quiet: true, onDone: onClose })
  return (
    <Modal opened onClose={onClose} title="Disconnect Snowflake" size="lg">
      <div className={classes.stack}>
        <p>
          Tracklake deletes its sign-in and stops loading. Syncing from Spotify continues.{' '}
          {serving === 'embedded'
            ? 'Nothing else changes: all pages read Tracklake’s own copy.'
            : 'This installation shows its pages from your Snowflake, so they stay empty until you connect one again.'}
        </p>
        <Radio.Group
          label="What should happen to the tables in Snowflake?"
          value={option}
          onChange={(value) => setOption(TABLE_OPTIONS.find((one) => one.value === value)?.value ?? 'leave')}
        >
          <div className={classes.choices}>
            {TABLE_OPTIONS.map(({ value, label }) => (
              <Radio key={value} value={value} label={label} />
            ))}
          </div>
        </Radio.Group>
        {option !== 'leave' && (
          <>
            <p className={classes.dimmed}>
              Copy the script now and run it in a worksheet after disconnecting. What it drops can’t be restored.{' '}
              {option === 'tables'
                ? `It drops tables in ${warehouse.fields.schema} and models in the schemas whose names start with it, and only those with Tracklake’s comment.`
                : `It checks ${dropNames(warehouse.fields).join(', ')}, and only drops those with the comment “${commentOf(warehouse.instanceId)}” or “Tracklake”. Schemas that contain other objects stay.`}{' '}
              The result lists what it dropped and what it kept.
            </p>
            <CopyableScript
              label="Drop script"
              button="Copy script"
              text={
                option === 'tables'
                  ? dropTablesScript(
                      warehouse.fields,
                      warehouse.tables.map(({ table }) => table),
                    )
                  : dropScript(warehouse.fields, warehouse.instanceId)
              }
            />
          </>
        )}
        {error && <ProblemText problem={asProblem(error)} />}
        <div className={classes.end}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="rose" loading={isPending} onClick={() => mutate()}>
            Disconnect Snowflake
          </Button>
        </div>
      </div>
    </Modal>
  )
}
