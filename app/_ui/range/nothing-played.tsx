'use client'

import { emptyText } from '#app/_ui/empty-text.tsx'
import { formatDays } from '#app/_ui/format.ts'
import { ImportHint } from '#app/_ui/import-hint.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import classes from './nothing-played.module.css'
import { usePeriod } from './period-context.tsx'

/** Why the period has no plays, and where there are some. */
export function NothingPlayed() {
  const { period, calendar, selection, linkTo } = usePeriod()
  const me = useMe()
  const { firstDay } = calendar
  if (firstDay === null) return emptyText(me, 'Your plays show here once they have been synced.')
  const isAllTime = 'period' in selection && selection.period === 'all'
  return (
    <>
      No plays in {formatDays(period)}.
      {period.to < firstDay && (
        <>
          {' '}
          Your plays begin on {formatDays({ from: firstDay, to: firstDay })}. <ImportHint />
        </>
      )}{' '}
      {!isAllTime && <a {...linkTo({ period: 'all' })}>Show all time</a>}
    </>
  )
}

/** Instead of a page of empty panels. */
export function NothingPlayedPanel() {
  const { firstDay } = usePeriod().calendar
  return (
    <Panel title={firstDay ? 'Nothing played' : 'No plays yet'}>
      <p className={classes.empty}>
        <NothingPlayed />
      </p>
    </Panel>
  )
}
