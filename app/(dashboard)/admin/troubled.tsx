'use client'

import { formatCount } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import classes from './admin.module.css'

/** For whom something is wrong now; they may not be told themselves. */
export function Troubled({ troubled: { count, listeners } }: Pick<AdminOverviewResponse, 'troubled'>) {
  if (count === 0) return null
  return (
    <Panel title={`Something is wrong for ${formatCount(count, 'listener')}`}>
      <ul className={classes.list}>
        {listeners.map(({ id, name, since, troubles }) => (
          <li key={id} className={classes.troubled}>
            {name}: {troubles.join(', ')}
            {since && (
              <span className={classes.dimmed}>
                {' '}
                · it began <Moment at={since} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {count > listeners.length && (
        <p className={classes.dimmed}>and {formatCount(count - listeners.length, 'other')}, for less long.</p>
      )}
    </Panel>
  )
}
