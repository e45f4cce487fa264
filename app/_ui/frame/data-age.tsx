'use client'

import Link from 'next/link'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import classes from './frame.module.css'

const DAY_MS = 86_400_000

/** "as of 14:32, next run in 12 minutes", or the run that is under way. */
export function DataAge() {
  const { dataAsOf, lastRun, nextRunAt } = useMe()
  const isRecent = dataAsOf !== null && Date.now() - Date.parse(dataAsOf) < DAY_MS
  return (
    <p className={classes.age} suppressHydrationWarning>
      {dataAsOf ? (
        <span>
          as of <Moment at={dataAsOf} as={isRecent ? 'time' : 'exact'} />
        </span>
      ) : (
        <span>no data yet</span>
      )}
      {lastRun && isActive(lastRun.state) ? (
        <>
          {', '}
          <Link href={`/runs/${lastRun.id}`}>run under way</Link>
        </>
      ) : (
        nextRunAt && (
          <span className={classes.ageNext}>
            , next run <Moment at={nextRunAt} />
          </span>
        )
      )}
    </p>
  )
}
