'use client'

import { NativeSelect } from '@mantine/core'
import { useMe } from '#app/_ui/me.tsx'
import { CADENCES, type Cadence, creditsPerMonth } from '#lib/warehouse/snowflake/setup/cost.ts'
import { formatCreditCount } from './format.ts'
import classes from './snowflake.module.css'

const CADENCE_LABELS: Record<Cadence, string> = {
  daily: 'Once a day',
  '6-hourly': 'Every 6 hours',
  hourly: 'Every hour',
  'every extract': 'After every sync',
}

interface Props {
  cadence: Cadence
  secondsPerLoad: number
  disabled?: boolean
  onChange: (cadence: Cadence) => void
}

/** How often to load, with the estimated monthly credits of each choice. */
export function CadenceChoice({ cadence, secondsPerLoad, disabled = false, onChange }: Props) {
  const { serving } = useMe()
  const estimate = formatCreditCount(creditsPerMonth(cadence, secondsPerLoad))
  return (
    <div className={classes.choices}>
      <NativeSelect
        label="How often to load"
        data={CADENCES.map((value) => ({
          value,
          label: `${CADENCE_LABELS[value]} · about ${formatCreditCount(creditsPerMonth(value, secondsPerLoad))} a month`,
        }))}
        value={cadence}
        disabled={disabled}
        onChange={({ currentTarget: { value } }) => {
          const chosen = CADENCES.find((one) => one === value)
          if (chosen) onChange(chosen)
        }}
      />
      <p className={classes.dimmed}>
        Costs about {estimate} a month at most: each load wakes an XS warehouse for a minute or two. If there’s nothing
        new to load it stays asleep
        {serving === 'embedded'
          ? ', and viewing pages never wakes it.'
          : '. Pages can wake it a limited number of times a day; that costs extra.'}
      </p>
    </div>
  )
}
