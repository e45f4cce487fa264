'use client'

import { Checkbox } from '@mantine/core'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { useExclusions } from '#app/_ui/exclusions.tsx'
import { formatNumber } from '#app/_ui/format.ts'
import { useAddress } from '#app/_ui/list-controls.tsx'
import { EXCLUDED } from './defaults.ts'
import classes from './history.module.css'

const STATES = {
  applied: '',
  waiting: 'Saved. Updating your figures…',
  stuck: 'Saved, but your figures couldn’t be updated yet. Tracklake will try again.',
}

/** Shows only excluded plays, once there are any, and says while figures don't include a decision yet. */
export function ExcludedControls() {
  const exclusions = useExclusions()
  const isShown = useSearchParams().get('show') === EXCLUDED
  // The address changes in a transition, which a checkbox can't wait for.
  const [isOnly, setOnly] = useState(isShown)
  const addressOf = useAddress()
  if (!exclusions) return null
  const { count, state } = exclusions
  const change = (checked: boolean) => {
    setOnly(checked)
    window.history.replaceState(null, '', addressOf({ show: checked ? EXCLUDED : '' }))
  }
  return (
    <>
      {(count > 0 || isOnly) && (
        <Checkbox
          className={classes.filter}
          label={`Only excluded (${formatNumber(count)})`}
          checked={isOnly}
          onChange={({ currentTarget }) => change(currentTarget.checked)}
        />
      )}
      <p className={classes.state} role="status">
        {STATES[state]}
      </p>
    </>
  )
}
