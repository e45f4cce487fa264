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
import { dropScript, dropTablesScript } from '#lib/warehouse/snowflake/script.ts'
import classes from './snowflake.module.css'

const FATES = [
  { value: 'leave', label: 'Leave them as they are; nobody renews them' },
  { value: 'tables', label: 'Drop the tables, with a script' },
  { value: 'everything', label: 'Drop all that the set-up made except the database, with a script' },
] as const

type Fate = (typeof FATES)[number]['value']

/** Ends the connection. What happens to the tables is the listener's to do: Tracklake never drops them. */
export function DisconnectDialog({ warehouse, onClose }: { warehouse: SnowflakeResponse; onClose: () => void }) {
  const { serving } = useMe()
  const [fate, setFate] = useState<Fate>('leave')
  const { mutate, isPending, error } = useAction(disconnectWarehouse, { quiet: true, onDone: onClose })
  return (
    <Modal opened onClose={onClose} title="Disconnect Snowflake" size="lg">
      <div className={classes.stack}>
        <p>
          Tracklake forgets how to sign in, and loads nothing more. Your data goes on being fetched.{' '}
          {serving === 'embedded'
            ? 'Nothing else changes: all pages read the copy that Tracklake keeps.'
            : 'This installation shows its pages from your Snowflake: they stay empty until one is connected again.'}
        </p>
        <Radio.Group
          label="What shall happen to the tables in Snowflake?"
          value={fate}
          onChange={(value) => setFate(FATES.find((one) => one.value === value)?.value ?? 'leave')}
        >
          <div className={classes.choices}>
            {FATES.map(({ value, label }) => (
              <Radio key={value} value={value} label={label} />
            ))}
          </div>
        </Radio.Group>
        {fate !== 'leave' && (
          <>
            <p className={classes.dimmed}>
              Copy the script now and run it in a worksheet after you have disconnected. What it drops is gone for good.
            </p>
            <CopyableScript
              label="Script that drops"
              word="Copy the script"
              text={
                fate === 'tables'
                  ? dropTablesScript(
                      warehouse.fields,
                      warehouse.tables.map(({ table }) => table),
                    )
                  : dropScript(warehouse.fields)
              }
            />
          </>
        )}
        {error && <ProblemText problem={asProblem(error)} />}
        <div className={classes.end}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it connected
          </Button>
          <Button color="rose" loading={isPending} onClick={() => mutate()}>
            Disconnect Snowflake
          </Button>
        </div>
      </div>
    </Modal>
  )
}
