'use client'

import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useFormRules, violations } from '#app/_ui/use-form-rules.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import type { Cadence } from '#lib/warehouse/snowflake/setup/cost.ts'
import { ConnectionForm } from './connection-form.tsx'
import { type FormValues, hasSaved, scriptNames, valuesOf } from './form-values.ts'
import { Guide } from './guide.tsx'
import classes from './snowflake.module.css'

/** The form with a guide next to it, whose scripts follow what is typed. */
export function Connection({ warehouse }: { warehouse: SnowflakeResponse }) {
  const [isReplacing, setReplacing] = useState(false)
  const [cadence, setCadence] = useState<Cadence>(warehouse.cadence)
  const form = useForm<FormValues>({
    initialValues: valuesOf(warehouse),
    // Not on blur: an error appearing then would move the button away from under a click.
    validate: useFormRules(
      () => import('#lib/api/warehouse.ts'),
      ({ snowflakeRules }, values: FormValues) => {
        const keepsSecret = hasSaved(warehouse, values.method) && !isReplacing
        return violations(snowflakeRules({ keepsSecret, today: new Date().toISOString().slice(0, 10) }), values)
      },
    ),
  })
  return (
    <div className={classes.columns}>
      <ConnectionForm
        warehouse={warehouse}
        form={form}
        isReplacing={isReplacing}
        onReplace={setReplacing}
        cadence={cadence}
        onCadence={setCadence}
      />
      <Guide
        method={form.values.method}
        names={scriptNames(form.values, warehouse.fields)}
        instanceId={warehouse.instanceId}
        publicKey={warehouse.key.publicKey}
      />
    </div>
  )
}
