'use client'

import type { ReactNode } from 'react'
import { Mark, type MarkLook } from '#app/_ui/mark.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import type { PlaysGap } from '#lib/api/connections.ts'
import classes from './connections.module.css'

const MARKS: Record<PlaysGap['state'], [look: MarkLook, word: string]> = {
  none: ['good', 'no plays missing'],
  growing: ['warning', 'plays at stake'],
  'not known yet': ['unknown', 'not known yet'],
  missing: ['warning', 'plays may be missing'],
}

function words({ state, from, to }: PlaysGap): ReactNode {
  const since = <Moment at={from} as="exact" />
  if (state === 'growing') {
    return (
      <>
        Nothing was fetched since {since}. Spotify keeps the last 50 plays: reconnect before you have played more, and
        nothing is lost.
      </>
    )
  }
  if (state === 'not known yet') return <>The next look at recently played shows whether it reaches back to {since}.</>
  if (state === 'none') return <>The first look after your last consent reached back to the one of {since}.</>
  return (
    <>
      You played more than 50 songs while nothing was fetched: of those between {since} and{' '}
      {to && <Moment at={to} as="exact" />} some may be missing.
    </>
  )
}

/** Whether the time without a consent cost any plays. */
export function PlaysGapLine({ gap }: { gap: PlaysGap }) {
  const [look, word] = MARKS[gap.state]
  return (
    <p className={classes.gap}>
      <Mark look={look} word={word} /> <span>{words(gap)}</span>
    </p>
  )
}
