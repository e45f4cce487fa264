'use client'

import { NativeSelect } from '@mantine/core'
import { CADENCES, type Cadence, creditsPerMonth } from '#lib/warehouse/snowflake/cost.ts'
import classes from './snowflake.module.css'
import { creditWords } from './words.ts'

const CADENCE_LABELS: Record<Cadence, string> = {
  daily: 'Once a day',
  '6-hourly': 'Every 6 hours',
  hourly: 'Every hour',
  'every extract': 'With every extract',
}

interface Props {
  cadence: Cadence
  secondsPerLoad: number
  disabled?: boolean
  onChange: (cadence: Cadence) => void
}

/** How often it is loaded, with the credits of a month beside each choice. */
export function CadenceChoice({ cadence, secondsPerLoad, disabled = false, onChange }: Props) {
  const estimate = creditWords(creditsPerMonth(cadence, secondsPerLoad))
  return (
    <div className={classes.choices}>
      <NativeSelect
        label="How often to load"
        data={CADENCES.map((value) => ({
          value,
          label: `${CADENCE_LABELS[value]} · about ${creditWords(creditsPerMonth(value, secondsPerLoad))} a month`,
        }))}
        value={cadence}
        disabled={disabled}
        onChange={({ currentTarget: { value } }) => {
          const chosen = CADENCES.find((one) => one === value)
          if (chosen) onChange(chosen)
        }}
      />
      <p className={classes.dimmed}>
        Costs about {estimate} a month at most: each load wakes an XS warehouse for a minute or two. Without anything
        new nothing is woken, and looking at pages wakes nothing.
      </p>
    </div>
  )
}
