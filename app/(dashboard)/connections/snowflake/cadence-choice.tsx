'use client'

import { NativeSelect } from '@mantine/core'
import type { CadenceWord } from '#lib/api/answers.ts'
import { creditsPerMonth } from '#lib/warehouse/snowflake/setup/cost.ts'
import { formatCreditCount } from './format.ts'
import classes from './snowflake.module.css'

const CADENCES: { cadence: CadenceWord; word: string }[] = [
  { cadence: 'daily', word: 'Once a day' },
  { cadence: '6-hourly', word: 'Every 6 hours' },
  { cadence: 'hourly', word: 'Every hour' },
  { cadence: 'every extract', word: 'After every sync' },
]

interface Props {
  cadence: CadenceWord
  secondsPerLoad: number
  disabled?: boolean
  onChange: (cadence: CadenceWord) => void
}

/** How often to load, with the estimated monthly credits of each choice. */
export function CadenceChoice({ cadence, secondsPerLoad, disabled = false, onChange }: Props) {
  const estimate = formatCreditCount(creditsPerMonth(cadence, secondsPerLoad))
  return (
    <div className={classes.choices}>
      <NativeSelect
        label="How often to load"
        data={CADENCES.map(({ cadence: value, word }) => ({
          value,
          label: `${word} · about ${formatCreditCount(creditsPerMonth(value, secondsPerLoad))} a month`,
        }))}
        value={cadence}
        disabled={disabled}
        onChange={({ currentTarget: { value } }) => {
          const chosen = CADENCES.find((one) => one.cadence === value)
          if (chosen) onChange(chosen.cadence)
        }}
      />
      <p className={classes.dimmed}>
        Costs about {estimate} a month at most: each load wakes an XS warehouse for a minute or two. If there’s nothing
        new, nothing is woken, and viewing pages wakes nothing.
      </p>
    </div>
  )
}
