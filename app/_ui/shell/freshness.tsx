'use client'

import { Link } from '#app/_ui/link.tsx'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { DAY } from '#lib/core/durations.ts'
import classes from './shell.module.css'

/** "Updated 14:32, next sync in 12 minutes", or "Syncing now" with a link. */
export function Freshness() {
  const { dataAsOf, lastRun, openRuns, nextRunAt } = useMe()
  const live = openRuns.filter(({ state }) => isActive(state))
  const isRecent = dataAsOf !== null && Date.now() - Date.parse(dataAsOf) < DAY
  return (
    <p className={classes.age} suppressHydrationWarning>
      {dataAsOf ? (
        <span>
          Updated <Moment at={dataAsOf} as={isRecent ? 'time' : 'exact'} />
        </span>
      ) : (
        <span>No data yet</span>
      )}
      {lastRun && isActive(lastRun.state) ? (
        <>
          {', '}
          <Link href={live.length > 1 ? '/runs' : `/runs/${lastRun.id}`}>syncing now</Link>
        </>
      ) : (
        nextRunAt && (
          <span className={classes.ageNext}>
            , next sync <Moment at={nextRunAt} />
          </span>
        )
      )}
    </p>
  )
}
