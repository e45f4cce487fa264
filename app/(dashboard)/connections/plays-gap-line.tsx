'use client'

import type { ReactNode } from 'react'
import { Moment } from '#app/_ui/moment.tsx'
import { StatusIcon, type StatusKind } from '#app/_ui/status-icon.tsx'
import type { PlaysGap } from '#lib/api/connections.ts'
import classes from './connections.module.css'

const STATUS: Record<PlaysGap['state'], [kind: StatusKind, label: string]> = {
  none: ['good', 'no plays missing'],
  growing: ['warning', 'plays at risk'],
  'not known yet': ['unknown', 'not known yet'],
  missing: ['warning', 'plays may be missing'],
}

function explain({ state, from, to }: PlaysGap): ReactNode {
  const since = <Moment at={from} as="exact" />
  if (state === 'growing') {
    return (
      <>
        Nothing has been synced since {since}. Spotify remembers your last 50 plays: reconnect before you play more, and
        nothing is lost.
      </>
    )
  }
  if (state === 'not known yet') return <>The next sync shows whether any plays since {since} are missing.</>
  if (state === 'none') return <>The first sync after you reconnected covers everything since {since}.</>
  return (
    <>
      You played more than 50 songs while nothing was synced: some between {since} and{' '}
      {to && <Moment at={to} as="exact" />} may be missing.
    </>
  )
}

/** Shows whether plays were lost while Spotify was disconnected. */
export function PlaysGapLine({ gap }: { gap: PlaysGap }) {
  const [kind, label] = STATUS[gap.state]
  return (
    <p className={classes.gap}>
      <StatusIcon kind={kind} label={label} /> <span>{explain(gap)}</span>
    </p>
  )
}
